// The address that a server is to serve: a port of 127.0.0.1, or the path of a local socket.
const [address] = process.argv.slice(2);
exports.target = /^\d+$/.test(address)
  ? { host: '127.0.0.1', port: Number(address) }
  : { path: address };
