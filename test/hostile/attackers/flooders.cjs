// COUNT clients ask for ever, and read all answers.
const { begun, count, openAll, writeForEver } = require('./attack.cjs');
const asking = Buffer.from('a line that wants an answer\n'.repeat(1000));
openAll(count, (socket) => writeForEver(socket.resume(), asking), begun);
