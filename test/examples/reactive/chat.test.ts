import net from 'node:net';
import { merge } from 'rxjs';
import { listen } from 'bipoll/reactive';
import { chat } from '../../../examples/reactive/chat';
import { freshPath } from '../../support/freshPath';
import { until } from '../../support/until';
import { Heard, reset, Service, targets } from './Service';

test('a room is one, over TCP and a local socket at once', async () => {
  const path = freshPath();
  const service = new Service({ port: 0 }, (tcp$) => chat(merge(tcp$, listen({ path }))));
  const local = net.connect({ path });
  try {
    const ann = new Heard(await service.client());
    const ben = new Heard(local);
    ann.client.write('join den ann\n');
    await ann.until('* ann joined\n');
    ben.client.write('join den ben\nsay grüß dich\n');
    await ann.until('ben: grüß dich\n');
    ann.client.write('say hi\n');
    await ben.until('ann: hi\n');
    ben.client.end();
    await ann.until('* ben left\n');
    expect(ann.text).toBe('* ann joined\n* ben joined\nben: grüß dich\nann: hi\n* ben left\n');
    expect(ben.text).toBe('* ben joined\nben: grüß dich\nann: hi\n');
  } finally {
    local.destroy();
    service.stop();
  }
});

describe.each(targets)('the chat over $name', ({ target }) => {
  let service: Service<string>;
  beforeEach(() => {
    service = new Service(target(), chat);
  });
  afterEach(() => {
    service.stop();
  });

  async function member(room: string, name: string): Promise<Heard> {
    const heard = new Heard(await service.client());
    heard.client.write(`join ${room} ${name}\n`);
    await heard.until(`* ${name} joined\n`);
    return heard;
  }

  test('tells a room what is said there, and no other', async () => {
    const [ann, ben] = [await member('den', 'ann'), await member('attic', 'ben')];
    ann.client.write('say in the den\njoin attic ann\nsay in the attic\n');
    await ben.until('ann: in the attic\n');
    expect(ben.text).toBe('* ben joined\n* ann joined\nann: in the attic\n');
    ben.client.write('leave\nsay nothing\njoin den ben\nsay alone\n');
    await ben.until('ben: alone\n');
    expect(ann.text).toContain('* ben left\n');
    expect(ann.text).not.toContain('alone');
  });

  test('says how, to who says nonsense, and closes who sends no end of a line', async () => {
    const [ann, ben] = [await member('den', 'ann'), await member('den', 'ben')];
    ann.client.write('sing\n');
    await ann.until('? join ROOM NAME, say TEXT, or leave\n');
    ann.client.write('x'.repeat(2000));
    await ben.until('* ann left\n');
    expect(service.ended).toBeUndefined();
  });

  test('many talk at once, and everybody hears everything in the order of each speaker', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `n${i}`);
    const members = await Promise.all(names.map((name) => member('den', name)));
    for (let i = 0; i < 20; i++) {
      for (const { client } of members) client.write(`say ${i}\n`);
    }
    const count = (text: string) => text.match(/^n\d+: \d+$/gm)?.length;
    await until(() => members.every(({ text }) => count(text) === 600), 'hearing all');
    const expected = Array.from({ length: 20 }, (_, i) => `${i}`);
    for (const { text } of members) {
      for (const name of names) {
        const said = [...text.matchAll(new RegExp(`^${name}: (\\d+)$`, 'gm'))];
        expect(said.map(([, number]) => number)).toEqual(expected);
      }
    }
  });

  test('a client that does not read is dropped, and the others hear everything', async () => {
    const [ann, ben] = [await member('den', 'ann'), await member('den', 'ben')];
    const slow = await service.client();
    slow.write('join den slow\n');
    await ann.until('* slow joined\n');
    const line = 'x'.repeat(900);
    let said = 0;
    const start = ben.text.length;
    while (!ann.text.includes('* slow left\n')) {
      for (let i = 0; i < 50; i++) ann.client.write(`say ${line}\n`);
      said += 50;
      await until(() => ben.text.length - start >= said * `ann: ${line}\n`.length, 'hearing');
    }
    expect(ben.text.match(/^ann: x{900}$/gm)).toHaveLength(said);
  });

  test('a client that is reset leaves', async () => {
    const [ann, ben] = [await member('den', 'ann'), await member('den', 'ben')];
    reset(ann.client);
    await ben.until('* ann left\n');
    ben.client.write('say gone\n');
    await ben.until('ben: gone\n');
  });
});
