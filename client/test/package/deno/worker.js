self.onmessage = async ({ data: server }) => {
  const { connect } = await import(server + '/client.js');
  const connection = connect(server);
  const answer = await connection.request('echo', 'from a worker');
  await connection.close();
  self.postMessage(answer);
};
