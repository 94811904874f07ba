// Says at each SIGUSR2 what was used so far: user and system microseconds, and bytes of memory.
process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage();
  console.log(`${user} ${system} ${process.memoryUsage.rss()}`);
});
