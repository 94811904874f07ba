// Messages both ways.
import { once } from 'node:events';
import http from 'node:http';
import { MqttClient } from 'mqtt';
import rpc from 'vscode-jsonrpc/node';
import { WebSocket, WebSocketServer } from 'ws';
import { mosquitto } from '../servers/mosquitto.cjs';
import { body, sha256 } from './bytes.mjs';

export const messaging = {
  mqtt: {
    needs: '/usr/sbin/mosquitto',
    server: mosquitto,
    async play(streams, { target }) {
      const client = new MqttClient(() => streams.connecting(target), { reconnectPeriod: 10 });
      await once(client, 'connect');
      await client.subscribeAsync('large', { qos: 2 });
      const message = once(client, 'message');
      await client.publishAsync('large', body, { qos: 2 });
      const [topic, got] = await message;
      // As if the network had gone: it connects again, by itself.
      const again = once(client, 'connect');
      client.stream.destroy();
      await again;
      await client.endAsync();
      return [topic, sha256(got)];
    },
  },

  'ws: a server and a client': {
    async play(streams) {
      const sockets = new WebSocketServer({ noServer: true });
      const server = http.createServer().on('upgrade', (request, socket, head) => {
        sockets.handleUpgrade(request, socket, head, (each) => {
          each.on('message', (data, isBinary) => each.send(data, { binary: isBinary }));
        });
      });
      const target = await streams.listen((stream) => server.emit('connection', stream));
      const client = new WebSocket('ws://localhost/', {
        createConnection: () => streams.connecting(target),
        perMessageDeflate: false,
      });
      await once(client, 'open');
      client.send(body);
      const [got] = await once(client, 'message');
      client.ping('are you there');
      const [pong] = await once(client, 'pong');
      client.close(1000, 'done');
      const [code, reason] = await once(client, 'close');
      return [sha256(got), String(pong), code, String(reason)];
    },
  },

  'vscode-jsonrpc: both ends': {
    async play(streams) {
      const over = (stream) =>
        rpc.createMessageConnection(
          new rpc.SocketMessageReader(stream),
          new rpc.SocketMessageWriter(stream),
        );
      const target = await streams.listen((stream) => {
        const server = over(stream);
        server.onRequest('length', (text) => text.length);
        server.onRequest('fail', () => new rpc.ResponseError(7, 'as asked'));
        server.onNotification('bye', () => stream.end());
        server.listen();
      });
      const client = over(streams.connecting(target));
      client.listen();
      const closed = new Promise((resolve) => client.onClose(resolve));
      const length = await client.sendRequest('length', 'x'.repeat(1_000_000));
      const failure = await client
        .sendRequest('fail')
        .catch(({ code, message }) => [code, message]);
      await client.sendNotification('bye');
      await closed;
      return [length, failure];
    },
  },
};
