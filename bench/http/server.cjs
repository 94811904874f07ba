const http = require('node:http');

const text = 'Hello, world!\n';
const headers = { 'Content-Type': 'text/plain', 'Content-Length': text.length };

exports.server = http.createServer((request, response) => {
  response.writeHead(200, headers).end(text);
});
