#!/usr/bin/env node
// Checks how the engine is built up, by what the object files of a library call:
//
//   node .ci/check-engine-layers.mjs build/native/libbipoll_engine.a
//
// - Calls go one way: no file calls one of a layer above its own, and there is no circle.
// - A function is declared in the header of the file that defines it, or in engine.h.
// - Only the files under windows/ ask whether this is Windows.
// - What is remembered of a socket is changed in state.c alone.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

// From below. A call through a table of functions (kind.h, backend.h, waker.h, observer.h) is none to its file.
const LAYERS = {
  'the system': `clock thread thread_types net windows_error error_text error exit_descriptor features slots deadline chain poison address ownership attached
    descriptor own_description quiet_write tcp tcp_information tcp_settings local_address directory_lock socket_file pipe_name`,
  readiness: `waker waker_eventfd waker_pipe pollfd kfilter epoll kqueue poll backend backend_list registry await await_by_poll
    await_by_kqueue interrupt provided_buffers ring uring_abi afd await_by_afd waitable overlapped named_pipe pipe_listener iocp`,
  'a socket': 'observer socket state probe',
  'kinds of sockets': `fd_socket fd_message stream server datagram local_client tcp_stream tcp_server local_stream
    local_server local_datagram local_packet_stream local_packet_server udp udp_settings raw_descriptor timer child signal_source absent_kinds kind`,
  'what is asked of a socket': `connecting predicates accepting transfer messages endpoints adopt descriptors credentials absent`,
  waiting: 'poll_sockets blocking poller resolve',
  'draining for an event loop':
    'pump pump_list pump_by_readiness lane outbox handing_over pump_by_uring flow flow_parts inflow outflow',
};
const NAMES = Object.keys(LAYERS);
const layerOf = new Map(
  NAMES.flatMap((name, layer) => LAYERS[name].split(/\s+/).map((file) => [file, layer])),
);

const ENGINE = 'src/native/engine';
const FOLDERS = [ENGINE, `${ENGINE}/posix`, `${ENGINE}/windows`];
const SOCKET_LAYER = NAMES.indexOf('a socket');
const CHANGES_STATE =
  /->(state|connect_error|read_error|has_ended|is_drained|is_write_broken|holds_unread|given_back|at_rest|retries|not_before)( [&|]?=[^=]|\+\+|--)/;

const problems = [];

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.[ch]$/.test(name))
    .map((name) => join(folder, name)),
);
const nameOf = (path) => basename(path).replace(/\.[ch](\.o|\.obj)?$/, '');

const files = readSymbols(process.argv[2]);
checkLayers();
checkCircles();
checkDeclarations();
checkSources();
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`${files.size} files, ${NAMES.length} layers: calls go one way`);

// What each file defines and calls, by the names that are the engine's own.
function readSymbols(library) {
  const found = new Map();
  for (const line of execFileSync('nm', ['-A', library], { encoding: 'utf8' }).split('\n')) {
    const [, member, kind, symbol] = /:([^:]+):\s*[0-9a-f]* ([A-Za-z]) (bp_\w+)$/.exec(line) ?? [];
    if (symbol === undefined) {
      continue;
    }
    const name = nameOf(member);
    const file = found.get(name) ?? { defines: new Map(), uses: [] };
    found.set(name, file);
    if (kind === 'U') {
      file.uses.push(symbol);
    } else if (kind === kind.toUpperCase()) {
      file.defines.set(symbol, kind);
    }
  }
  const definedIn = new Map(
    [...found].flatMap(([name, file]) => [...file.defines.keys()].map((each) => [each, name])),
  );
  for (const file of found.values()) {
    file.calls = new Set(
      file.uses.map((symbol) => definedIn.get(symbol)).filter((name) => name !== undefined),
    );
  }
  return found;
}

function checkLayers() {
  for (const [name, { calls }] of files) {
    if (!layerOf.has(name)) {
      problems.push(`${name}: is in no layer; say in which it is`);
      continue;
    }
    for (const called of calls) {
      if (layerOf.get(called) > layerOf.get(name)) {
        problems.push(
          `${name} (${NAMES[layerOf.get(name)]}) calls ${called} (${NAMES[layerOf.get(called)]}), above it`,
        );
      }
    }
  }
}

function checkCircles() {
  const done = new Set();
  const visit = (name, path) => {
    const start = path.indexOf(name);
    if (start >= 0) {
      problems.push(`a circle: ${[...path.slice(start), name].join(' -> ')}`);
    } else if (!done.has(name)) {
      files.get(name).calls.forEach((called) => visit(called, [...path, name]));
      done.add(name);
    }
  };
  [...files.keys()].forEach((name) => visit(name, []));
}

function checkDeclarations() {
  const textOf = (name) =>
    FOLDERS.map((folder) => join(folder, `${name}.h`))
      .filter(existsSync)
      .map((path) => readFileSync(path, 'utf8'))
      .join();
  const everywhere = sources
    .filter((path) => path.endsWith('.h'))
    .map((path) => readFileSync(path, 'utf8'))
    .join();
  for (const [name, { defines }] of files) {
    const own = textOf(name) + textOf('engine');
    for (const [symbol, kind] of defines) {
      // Tables are declared with the seam that they are for.
      if (!new RegExp(`\\b${symbol}\\b`).test(kind === 'T' ? own : everywhere)) {
        problems.push(`${symbol}: is defined in ${name}.c, but not declared in ${name}.h`);
      }
    }
  }
}

function checkSources() {
  for (const path of sources) {
    const isOfSockets =
      layerOf.get(nameOf(path)) >= SOCKET_LAYER && !/\/(state|socket)\.c$/.test(path);
    readFileSync(path, 'utf8')
      .split('\n')
      .forEach((line, index) => {
        if (line.includes('_WIN32') && !path.includes('/windows/')) {
          problems.push(`${path}:${index + 1}: what is Windows' own belongs under windows/`);
        }
        if (isOfSockets && CHANGES_STATE.test(line)) {
          problems.push(`${path}:${index + 1}: only state.c changes that`);
        }
      });
  }
}
