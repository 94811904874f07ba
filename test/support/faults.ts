import { buildFaults, whyNoFaults } from '../faults/build';
import { describeWhere } from './where';

const reason = whyNoFaults();

/** Tests whose scripts can let calls of the addon fail: with {@link LET_FAIL}. */
export const describeWithFaults = describeWhere(reason === null, reason ?? '');

/** Has scripts that tests start load test/faults/library, which it builds. */
export function preloadFaults(): void {
  beforeAll(() => {
    process.env['LD_PRELOAD'] = buildFaults();
  });
  afterAll(() => {
    delete process.env['LD_PRELOAD'];
  });
}

/** For scripts: lets calls fail, and says how many have failed. */
export const LET_FAIL = `
  import { constants } from 'node:os';
  function letFail(call, error, { skip = 0, count = 1 } = {}) {
    process.env.BIPOLL_FAULT = [call, constants.errno[error], skip, count].join(' ');
  }
  const failures = () => Number(process.env.BIPOLL_FAULTS_MADE);`;
