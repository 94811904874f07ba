// Where a service listens: a port of 127.0.0.1 that the system chooses, or a path; and how it says so.
const [address, backlog] = process.argv.slice(2);
const place = address === 'TCP' ? { port: 0 } : { path: address, replaceStale: true };
exports.target = { ...place, backlog: Number(backlog) };

exports.tell = ({ path, port }) => {
  console.log(JSON.stringify(path === undefined ? { host: '127.0.0.1', port } : { path }));
};
