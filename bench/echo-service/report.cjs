// Says at each SIGUSR2 what processor time was used so far: user and system microseconds.
process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage();
  console.log(`${user} ${system}`);
});
