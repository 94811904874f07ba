import {
  readCount,
  readDuration,
  readMode,
  readPorts,
  readSize,
} from '../../src/cli/arguments/read';
import { readEndpoint, textOf } from '../../src/cli/endpoints/Endpoint';
import { UsageError } from '../../src/cli/exitCodes';
import { isWindows, testWhere } from '../support/where';

test.each([
  ['500ms', 500],
  ['10', 10_000],
  ['1.5s', 1500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['0', 0],
])('the time %s is %i ms', (text, duration) => {
  expect(readDuration(text, '--timeout')).toBe(duration);
});

test.each(['', 'soon', '-1s', '10 s', '1d', '25000h', 'ms', '1e3'])(
  'the time %p is refused, and the error names the option',
  (text) => {
    expect(() => readDuration(text, '--timeout')).toThrow(UsageError);
    expect(() => readDuration(text, '--timeout')).toThrow('--timeout takes a time');
  },
);

test('sizes have units of 1024', () => {
  const sizes = ['7', '64k', '1M', '1g'].map((text) => readSize(text, '--size'));
  expect(sizes).toEqual([7, 65_536, 1_048_576, 1_073_741_824]);
  for (const text of ['0', '2g', '-1', '1kb', '']) {
    expect(() => readSize(text, '--size')).toThrow(UsageError);
  }
});

test('counts are from 1 on, and modes octal', () => {
  expect(readCount('12', '-c')).toBe(12);
  for (const text of ['0', '-1', '1.5', 'x', '']) expect(() => readCount(text, '-c')).toThrow('-c');
  expect(readMode('660', '--mode')).toBe(0o660);
  expect(readMode('0600', '--mode')).toBe(0o600);
  for (const text of ['888', '66', '4755', 'rw']) {
    expect(() => readMode(text, '--mode')).toThrow('octal');
  }
});

test('ports are numbers and ranges, in ascending order, each once', () => {
  expect(readPorts('80,22,8000-8002,8001')).toEqual([22, 80, 8000, 8001, 8002]);
  for (const text of ['', '0', '65536', '5-3', '1-', 'http', '1,,2']) {
    expect(() => readPorts(text)).toThrow(UsageError);
  }
});

test.each([
  ['tcp://example.org:80', { scheme: 'tcp', host: 'example.org', port: 80 }],
  ['tls://[::1]:443/', { scheme: 'tls', host: '::1', port: 443 }],
  ['udp://:53', { scheme: 'udp', host: undefined, port: 53 }],
  ['localhost:0', { scheme: 'tcp', host: 'localhost', port: 0 }],
  [':7000', { scheme: 'tcp', host: undefined, port: 7000 }],
  ['7000', { scheme: 'tcp', host: undefined, port: 7000 }],
  ['unix:app.sock', { scheme: 'unix', path: 'app.sock' }],
  ['unix:///run/app.sock', { scheme: 'unix', path: '/run/app.sock' }],
  ['unix:@name', { scheme: 'unix', path: '\0name' }],
  ['./app.sock', { scheme: 'unix', path: './app.sock' }],
  ['-', { scheme: 'stdio' }],
])('the endpoint %s is understood', (text, endpoint) => {
  expect(readEndpoint(text)).toEqual(endpoint);
});

test.each([
  '',
  'http://example.org:80',
  'tcp://example.org',
  'host:port',
  '1:2:3',
  ':65536',
  'unix:',
])('the endpoint %p is refused', (text) => {
  expect(() => readEndpoint(text)).toThrow(UsageError);
});

testWhere(!isWindows, 'Windows has named pipes')('a named pipe is refused elsewhere', () => {
  expect(() => readEndpoint('pipe:name')).toThrow('Named pipes are of Windows');
});

testWhere(isWindows, 'named pipes are of Windows')('a named pipe needs its name alone', () => {
  expect(readEndpoint('pipe:name')).toEqual({ scheme: 'pipe', path: '\\\\.\\pipe\\name' });
});

test.each(['tcp://[::1]:80', 'udp://example.org:53', 'unix:/run/app.sock', 'unix:@name', '-'])(
  'the endpoint %s is shown as it is typed',
  (text) => {
    expect(textOf(readEndpoint(text))).toBe(text);
  },
);
