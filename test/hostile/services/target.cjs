// Where a service listens: a port that the system chooses, or a path; with what options, and how it says so.
const [address, options] = process.argv.slice(2);
const place = address === 'TCP' ? { port: 0 } : { path: address, replaceStale: true };
exports.target = { ...place, ...JSON.parse(options) };

exports.tell = ({ path, port }) => {
  console.log(JSON.stringify(path === undefined ? { host: '127.0.0.1', port } : { path }));
};
