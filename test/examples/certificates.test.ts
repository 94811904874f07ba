import { type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { listenTcp } from 'bipoll';
import { byUrgency, look } from '../../examples/certificate-expiry';
import { ask } from '../../examples/https-get';
import { type Identity, makeIdentity } from '../support/certificates';
import { outputOf, startExample } from '../support/example';
import { freshFile } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { firstOutput, startScript } from '../support/script';
import { whereInstalled } from '../support/whereInstalled';
import { describeWhere, isWindows } from '../support/where';
import { stop } from './peers';

describeWhere(!isWindows, 'Windows cannot pass descriptors')('examples of TLS', () => {
  whereInstalled('openssl', 'version')('with an HTTPS server', () => {
    let server: ChildProcess;
    let identity: Identity;
    let port: number;
    let ca: string;
    beforeAll(async () => {
      identity = makeIdentity();
      const directory = freshFile();
      mkdirSync(directory);
      ca = `${directory}/ca.pem`;
      writeFileSync(ca, identity.cert);
      const [key, cert] = [String(identity.key), String(identity.cert)].map((text) =>
        JSON.stringify(text),
      );
      server = startScript(`
        import https from 'node:https';
        const server = https.createServer({ key: ${key}, cert: ${cert} }, (request, response) =>
          response.end(request.url));
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));`);
      port = Number(await firstOutput(server));
    });
    afterAll(() => stop(server));

    test('https-get asks for a page, of whom it trusts alone', async () => {
      const options = { timeout: PATIENCE, ca: identity.cert };
      const answer = ask('localhost', port, '/page', options);
      expect(answer[0]).toBe('HTTP/1.1 200 OK');
      expect(answer.join('\n')).toMatch(/\n\/page$/);
      expect(() => ask('localhost', port, '/', { timeout: PATIENCE })).toThrow('self-signed');
      const args = ['--host', 'localhost', '--port', `${port}`, '--ca', ca, '/other'];
      expect(await outputOf(startExample('https-get', args))).toMatch(/200 OK[^]*\/other\n$/);
    });

    test('certificate-expiry tells the days that are left, and who is not to be trusted', async () => {
      const host = `localhost:${port}`;
      expect(look(host, { ca: identity.cert })).toEqual({ host, days: 1, problem: null });
      expect(look(host)).toEqual({ host, days: 1, problem: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
      const nobody = listenTcp({ port: 0 });
      const closed = `127.0.0.1:${nobody.port}`;
      nobody.close();
      const findings = [look(host), look(closed)];
      expect(byUrgency(findings)).toMatchObject([{ host: closed, problem: 'ECONNREFUSED' }, {}]);
      const program = startExample('certificate-expiry', ['--warn', '1', '--ca', ca, host, closed]);
      expect(await outputOf(program)).toBe(
        `! ${closed}: no days ECONNREFUSED\n  ${host}: 1 days\n`,
      );
      expect(program.exitCode).toBe(1);
    });
  });
});
