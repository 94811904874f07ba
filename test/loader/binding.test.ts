import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const repository = resolve(__dirname, '../..');
const addon = process.env['BIPOLL_ADDON'] ?? join(repository, 'build', 'Release', 'bipoll.node');
const platform = evaluate("require('./loader/platform.js').platformName()", repository);
const prebuilt = join('prebuilds', platform, 'bipoll.node');
const compiled = join('build', 'Release', 'bipoll.node');

/** A package, as far as the loader looks at it. */
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bipoll-loader-'));
  for (const path of ['binding.js', 'loader']) {
    cpSync(join(repository, path), join(directory, path), { recursive: true });
  }
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('the binary that the package brings for this platform is loaded', () => {
  add(prebuilt);
  expect(fileLoaded()).toBe(join(directory, prebuilt));
});

test('one that was compiled there is loaded before it', () => {
  add(prebuilt);
  add(compiled);
  expect(fileLoaded()).toBe(join(directory, compiled));
});

test('the one that BIPOLL_ADDON names is loaded before any', () => {
  for (const path of [prebuilt, compiled, 'another.node']) add(path);
  const another = join(directory, 'another.node');
  expect(fileLoaded({ BIPOLL_ADDON: another })).toBe(another);
});

test('a bundle takes what lies beside it, else what the package has that it would import', () => {
  const bundle = join(directory, 'project', 'bundle');
  cpSync(join(directory, 'loader'), join(bundle, 'loader'), { recursive: true });
  copyFileSync(join(directory, 'binding.js'), join(bundle, 'binding.js'));
  const installed = join('project', 'node_modules', 'bipoll');
  add(join(installed, prebuilt));
  writeFileSync(join(directory, installed, 'package.json'), '{}');
  expect(fileLoaded({}, bundle)).toBe(join(directory, installed, prebuilt));

  add(join('project', 'bundle', prebuilt));
  expect(fileLoaded({}, bundle)).toBe(join(bundle, prebuilt));
});

test('without any the error names the platform, what was looked for, and what to do', () => {
  const { code, message } = failure();
  expect(code).toBe('ERR_BIPOLL_ADDON');
  expect(message).toContain(`for ${platform}, Node.js ${process.versions.node}`);
  for (const path of [compiled, prebuilt]) expect(message).toContain(join(directory, path));
  expect(message).toContain('npx bipoll --build-from-source');
  expect(message).toContain('pnpm exec bipoll --build-from-source');
  expect(message).toContain('yarn bipoll --build-from-source');
  expect(message).toContain('sudo apt-get install cmake build-essential');
  expect(message).toContain('a copy of node_modules/bipoll/prebuilds beside it');
});

test('on a platform that the package has no binary for the error lists those that it has', () => {
  const { code, message } = failure(
    "Object.defineProperty(process, 'platform', { value: 'sunos' })",
  );
  expect(code).toBe('ERR_BIPOLL_ADDON');
  expect(message).toContain(`for sunos-${process.arch}`);
  expect(message).toContain('brings binaries for darwin-arm64, darwin-x64, linux-arm64-glibc,');
});

test('one that cannot be loaded is not passed over: the error names it and says why', () => {
  add(prebuilt);
  mkdirSync(join(directory, dirname(compiled)), { recursive: true });
  writeFileSync(join(directory, compiled), 'no addon');
  const { code, message, cause } = failure();
  expect(code).toBe('ERR_BIPOLL_ADDON');
  expect(message).toContain(join(directory, compiled));
  expect(message).not.toContain(join(directory, prebuilt));
  expect(message).toContain(cause);
});

test('an addon that BIPOLL_ADDON names and that is not there is an error that says so', () => {
  const { code, message } = failure('', { BIPOLL_ADDON: join(directory, 'none.node') });
  expect(code).toBe('ERR_BIPOLL_ADDON');
  expect(message).toContain(join(directory, 'none.node'));
  expect(message).toContain('BIPOLL_ADDON names this file');
});

test('where Node.js was started without addons the error says how to start it', () => {
  add(prebuilt);
  const { code, message } = failure('', { NODE_OPTIONS: '--no-addons' });
  expect(code).toBe('ERR_BIPOLL_ADDON');
  expect(message).toContain('and without --no-addons');
});

function add(path: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  copyFileSync(addon, join(directory, path));
}

function fileLoaded(environment: NodeJS.ProcessEnv = {}, cwd = directory): string {
  const loaded = "Object.keys(require.cache).find((file) => file.endsWith('.node'))";
  return evaluate(`(require('./binding.js'), ${loaded})`, cwd, environment);
}

function failure(before = '', environment: NodeJS.ProcessEnv = {}) {
  const load = `() => {
    try {
      ${before};
      require('./binding.js');
      return {};
    } catch ({ code, message, cause }) {
      return { code, message, cause: cause?.message };
    }
  }`;
  const text = evaluate(`JSON.stringify((${load})())`, directory, environment);
  return JSON.parse(text) as { code?: string; message?: string; cause?: string };
}

/** The value of an expression in a new process. */
function evaluate(expression: string, cwd: string, environment: NodeJS.ProcessEnv = {}): string {
  // An empty name is none.
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--eval', `process.stdout.write(${expression})`],
    { cwd, env: { ...process.env, BIPOLL_ADDON: '', ...environment }, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return stdout;
}
