// Mistakes that the tests must notice: in `file`, what is replaced by what, and the tests that are to fail.
// `npm run test:mutants` makes each of them, in a copy. What is replaced must be in the file once.

const connectionTests = ['test/reactive/connection/', 'test/testing/virtualConnection.test.ts'];

export const mutants = [
  {
    file: 'src/reactive/connection/StreamConnection.ts',
    tests: connectionTests,
    changes: [
      [
        '!(this.#readingHalf().hasReader || this.#transport.dataAvailable)',
        '!this.#transport.dataAvailable',
      ],
      ['if (writing?.failure && reading?.hasReader) this.cancelFinish();', ''],
      ['failure ?? this.#writingHalf().failure', 'failure'],
      ['failure ?? this.#writingHalf().failure', 'this.#writingHalf().failure ?? failure'],
      ['this.isWindingUp || this.isLingering;', 'this.isLingering;'],
      [' || this.reason !== undefined) return; // a', ') return; // a'],
      ['return this.#writing?.failure ?? null;', 'return null;'],
      ['if (this.#writingHalf().failure) this.finish(this.#writingHalf().failure);\n    else ', ''],
      ['if (this.isWindingUp) this', 'if (this.isWindingUp && !this.isUsed) this'],
      ['if (this.reason !== undefined) return; // a', '// a'],
      ["if (isGone || this.#readingHalf().state === 'ended') this", 'if (isGone) this'],
      ['if (!this.#readingHalf().keepsHalfOpen) this.end();', 'this.end();'],
      ["this.isMinded || writing?.state === 'ended'", "writing?.state === 'ended'"],
      ['this.#reading?.isHeld ?? false', 'false'],
      ['onReleased(): void {\n    this.#idle?.touch();', 'onReleased(): void {'],
      [
        'onBytes(bytes: Buffer): void {\n    this.#idle?.touch();',
        'onBytes(bytes: Buffer): void {',
      ],
      [
        '#onTaken(bytes: number): void {\n    this.#idle?.touch();',
        '#onTaken(bytes: number): void {',
      ],
      ['this.#onTaken(bytes);\n    this.#writingHalf', 'this.#writingHalf'],
      ['this.#idle?.stop();', ''],
      ['tellWriters(error);', ''],
    ],
  },
  {
    file: 'src/reactive/connection/Life.ts',
    tests: connectionTests,
    changes: [
      ['!isError(error)', '!(error instanceof Error)'],
      [
        'if (this.queuedBytes === 0) {\n      this.finish(this.sendFailure);',
        'if (this.queuedBytes === 0) {\n      this.finish(null);',
      ],
      ["if (this.#state === 'abandoned' && this.#users === 0) this.windUp();", ''],
      ['this.#users > 0 || this.#acceptor !== null', 'this.#users > 0'],
      [
        'after(scheduler, closeTimeout, () => {\n      this.finish(error ?? (this.queuedBytes > 0 ? this.#notSent() : null));',
        'after(scheduler, closeTimeout, () => {',
      ],
      ['this.cancelFinish();\n    this.shut(error);', 'this.shut(error);'],
      ['this.#closed?.complete();', ''],
    ],
  },
  {
    file: 'src/reactive/connection/ReadingHalf.ts',
    tests: connectionTests,
    changes: [
      ['if (this.#reader && this.#holds === 0) {', 'if (this.#reader) {'],
      [
        'if (this.#reader && this.#holds === 0) return Demand.Bytes',
        'if (this.#reader) return Demand.Bytes',
      ],
      ['if (this.#transport.unread.length === 0) this.#onDrained();', 'this.#onDrained();'],
      ['this.#failure = failure;', ''],
      ["if (this.#state === 'draining') this.#onDrained();", ''],
      ["if (this.#state === 'ended') reader.complete();", ''],
      ['this.#transport.unread.prepend(bytes);', 'this.#transport.unread.append(bytes);'],
    ],
  },
  {
    file: 'src/reactive/connection/WritingHalf.ts',
    tests: connectionTests,
    changes: [
      ['this.#callWaiting(null);', ''],
      ['else call(failure);', ''],
      ['this.#callWaiting(error);', ''],
      ['for (const call of waiting) call(error ?? closedWhileSending());', ''],
      ['this.#writable?.complete();', ''],
      ['this.#hasLost = lostBytes > 0;', ''],
      ['this.#mustDrain = false;\n    this', 'this'],
      ['queuedBytes < this.#limits.highWaterMark', 'queuedBytes <= this.#limits.highWaterMark'],
      ['queuedBytes >= maxQueueBytes', 'queuedBytes > maxQueueBytes'],
      ["if (this.#state === 'failed') return null;", ''],
    ],
  },
  {
    file: 'src/reactive/connection/readingStates.ts',
    tests: ['test/reactive/connection/transitions.test.ts'],
    changes: [
      ["bytes: 'peerLeft'", 'bytes: REFUSED'],
      ["peerLeave: 'peerLeft'", "peerLeave: 'open'"],
      ["drain: 'ended'", 'drain: REFUSED'],
    ],
  },
  {
    file: 'src/reactive/connection/writingStates.ts',
    tests: ['test/reactive/connection/transitions.test.ts'],
    changes: [
      ["sent: 'ending'", 'sent: REFUSED'],
      ["told: 'ended'", "told: 'ending'"],
      ["write: 'open'", 'write: REFUSED'],
    ],
  },
  {
    file: 'src/reactive/connection/lifeStates.ts',
    tests: ['test/reactive/connection/transitions.test.ts'],
    changes: [
      ["open: { abandon: 'abandoned'", "open: { abandon: 'open'"],
      [
        "abandoned: { abandon: REFUSED, linger: 'lingering', desert: 'windingUp'",
        "abandoned: { abandon: REFUSED, linger: 'lingering', desert: REFUSED",
      ],
    ],
  },
  {
    file: 'src/reactive/connection/IdleTimer.ts',
    tests: connectionTests,
    changes: [
      ['if (isPaused()) this.touch();', ''],
      ['if (left > 0)', 'if (left > timeout)'],
      ['if (left > 0)', 'if (left >= 0)'],
    ],
  },
  {
    file: 'src/reactive/timer.ts',
    tests: ['test/reactive/timer.test.ts'],
    changes: [
      ['if (left > step) wait(left - step);\n      else work();', 'work();'],
      ['if (milliseconds !== Infinity) wait', 'wait'],
      ['timer.add(action);', ''],
      ['if (!keepsAlive) letExit(action);', ''],
    ],
  },
  {
    file: 'src/reactive/loop/Outgoing.ts',
    tests: ['test/reactive/loop/Outgoing.test.ts'],
    changes: [
      ['if (watch === this.#last)', 'if (this.#last)'],
      ['this.#last = null;\n    this.#isMixed = false;', 'this.#isMixed = false;'],
      ['this.#last = null;\n    this.#isMixed = false;', 'this.#last = null;'],
      ['if (watch.stagedIn === this.#generation) this.#isMixed = true;', ''],
      ['this.#generation++;', ''],
      ['chunk.length * MOST_BYTES_OF_UNIT', 'chunk.length'],
      ['this.#end + most <= CAPACITY', 'this.#end + most < CAPACITY'],
      ['this.#count < MOST_PIECES', 'this.#count <= MOST_PIECES'],
      ['this.#pieces[piece + 2]! < 0', 'this.#pieces[piece + 2]! > 0'],
      ['this.#pieces[piece + 1] = watch.tag;', 'this.#pieces[piece + 1] = watch.token;'],
    ],
  },
  {
    file: 'src/reactive/loop/ReadMemory.ts',
    tests: ['test/reactive/loop/ReadMemory.test.ts'],
    changes: [
      ['this.start = Math.max(this.start, this.#endOfViews);', ''],
      ['if (end > this.#endOfShared) this.#share(offset);', 'this.#share(offset);'],
      ['this.#shared = NOTHING;\n    this.#endOfShared = 0;', ''],
      ['if (length > MAX_SHARED) return this.#copy(offset, end);', ''],
      ['if (!this.#isLent) return;', 'if (this.#isLent) return;'],
    ],
  },
  {
    file: 'src/reactive/loop/Watches.ts',
    tests: ['test/reactive/loop/EventLoop.test.ts'],
    changes: [
      [
        '(this.#retainers > 0 ? this.#retiredTags : this.#freeTags).push(tag);',
        'this.#freeTags.push(tag);',
      ],
      ['this.#batches++;\n    this.retainTags();', 'this.#batches++;\n    this.#retainers = 1;'],
      ['if (--this.#retainers > 0 || ', 'if ('],
    ],
  },
  {
    file: 'src/reactive/loop/Batches.ts',
    tests: ['test/reactive/loop/EventLoop.test.ts'],
    changes: [
      ['this.#watches.retainTags();', ''],
      ['watch.context.run(this.#tellOne, watch, kind,', 'this.#tellOne(watch, kind,'],
    ],
  },
  {
    file: 'src/reactive/loop/Sender.ts',
    tests: ['test/reactive/loop/EventLoop.test.ts'],
    changes: [
      [
        'const records = new Float64Array(this.#batches.records.length);',
        'const { records } = this.#batches;',
      ],
      ['if (!this.#outgoing.hasRoomFor(chunk)) this.#handOver();', ''],
      ['this.#handOver(); // what the socket staged before goes first', ''],
      [
        'this.#handOver();\n    return native.leave(this.#pump, watch.token);',
        'return native.leave(this.#pump, watch.token);',
      ],
      ['this.#noneStaged();\n    this.#handOver();', 'this.#noneStaged();'],
    ],
  },
  {
    file: 'src/reactive/loop/StreamTransport.ts',
    tests: ['test/reactive/loop/EventLoop.test.ts', 'test/reactive/lifecycle.test.ts'],
    changes: [
      ['this.queuedBytes = Math.max(0, this.queuedBytes - value);', ''],
      [
        'this.queuedBytes += this.loop.sender.stage(this, chunk);',
        'this.loop.sender.stage(this, chunk);',
      ],
      ['this.queuedBytes += bytes.length - taken;', ''],
      ['this.loop.sender.sendStaged();', ''],
      ['if (this.queuedBytes > 0) this.#lostBytes = this.loop.sender.sendLast(this);', ''],
    ],
  },
  {
    file: 'src/reactive/serving/Service.ts',
    tests: ['test/reactive/serve.test.ts', 'test/reactive/serve.sockets.test.ts'],
    changes: [
      [
        'takeAll()) connection.close();\n    for (const served of [...this.#served]) served.abandon();',
        'takeAll()) void connection;\n    for (const served of [...this.#served]) served.abandon();',
      ],
      ['this.#served.clear();\n    this.#holds.releaseAll();', 'this.#served.clear();'],
    ],
  },
  {
    file: 'src/reactive/serving/Served.ts',
    tests: ['test/reactive/context.test.ts'],
    changes: [['this.#reading.inContext(() => {', '[0].forEach(() => {']],
  },
  {
    file: 'src/reactive/loop/DescriptorTransport.ts',
    tests: ['test/reactive/fromDescriptor.test.ts', 'test/streams/descriptors.test.ts'],
    changes: [
      ['(demand & ~Demand.Bytes) | Demand.PeerEnd', 'demand'],
      ['this.stream.checkAccess(Claim.Writing);', ''],
      ['kind === RecordKind.Ended ? 0 : value', 'value'],
      ['if (!this.#canRead && kind !== RecordKind.Sent) this.events.onEnd(null);', ''],
    ],
  },
  {
    file: 'src/core/SocketUnread.ts',
    tests: ['test/sync/descriptors.test.ts', 'test/sync/verbs.test.ts'],
    changes: [
      ['if (!peek) this.consume(count);', 'this.consume(count);'],
      ['native.noteUnread(token, holds);', ''],
    ],
  },
  {
    file: 'src/reactive/Listener.ts',
    tests: ['test/reactive/listen.test.ts', 'test/reactive/context.test.ts'],
    changes: [
      ['else if (!this.#mayAccept) this.#waiting.push(token);', ''],
      ['for (const token of this.#waiting.takeAll()) native.close(token);', ''],
      ['connection.abandon();', 'connection.close();'],
      ['this.#open.delete(closed);\n    this.#admit();', 'this.#open.delete(closed);'],
      ['this.context.run(this.#admitWaiting);', 'this.#admitWaiting();'],
      ['context.run(emit, this.subscriber, accepted);', 'emit(this.subscriber, accepted);'],
      ['if (!this.#isClosed && this.#mayAccept) this.#setAccepting(true);', ''],
    ],
  },
  {
    file: 'src/testing/MarbleTransport.ts',
    tests: [
      'test/testing/virtualConnection.test.ts',
      'test/testing/MarbleTransport.test.ts',
      'test/reactive/connection/options.test.ts',
    ],
    changes: [
      ['this.#events.onEnded(this.#reset === null);', 'this.#events.onEnded(true);'],
      ['if (!this.#hasRoom || this.#reset) return 0;', 'if (!this.#hasRoom) return 0;'],
      ['this.#isClosed = true;\n    this.#handOver();', 'this.#isClosed = true;'],
      ['structuredClone(memory, { transfer: [memory] });', ''],
      ['if (this.#arrived.length === 0) this.#events.onEnd(this.#reset);\n    else ', ''],
      ['if (this.#outbox.length > 0) this.#flush();', ''],
      ['return !this.#isClosed && (', 'return ('],
      ['if (cause) this.#sent.error(cause);\n    else ', ''],
    ],
  },
];
