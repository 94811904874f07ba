/** What attackers do to a service, and what the service is told beforehand. */
export interface Attack {
  readonly name: string;
  /** The file of the attacker, and how often it does what it does. */
  readonly attacker: string;
  readonly count: number;
  readonly transport: 'TCP' | 'local';
  /** The well-behaved client comes with a new connection each time. */
  readonly visits: boolean;
  /** The attackers are stopped in the middle of it, and stay connected. */
  readonly stops?: boolean;
  /** Their packets are lost in the middle of it, in both directions: nobody is told that they have gone. */
  readonly vanishes?: boolean;
  /** It is over by itself, and is waited for. */
  readonly ends?: boolean;
  readonly backlog?: number;
  /** How many descriptors the service may have. */
  readonly descriptors?: number;
}

/** @param resets how many connections are opened and reset */
export function attacks(resets: number): readonly Attack[] {
  return [
    {
      name: '300 silent clients, of whom 64 descriptors hold a few',
      attacker: 'crowd',
      count: 300,
      transport: 'TCP',
      visits: false,
      descriptors: 64,
    },
    {
      name: `${resets} connections that are reset`,
      attacker: 'resets',
      count: resets,
      transport: 'TCP',
      visits: true,
      ends: true,
    },
    {
      name: 'a backlog of 1 that is never empty',
      attacker: 'churn',
      count: 16,
      transport: 'local',
      visits: true,
      backlog: 1,
    },
    {
      name: '50 clients that ask and never read',
      attacker: 'mute',
      count: 50,
      transport: 'local',
      visits: true,
    },
    {
      name: '50 clients that are stopped while they ask',
      attacker: 'flooders',
      count: 50,
      transport: 'TCP',
      visits: true,
      stops: true,
    },
    {
      name: '200 clients that send a byte a second',
      attacker: 'drip',
      count: 200,
      transport: 'local',
      visits: true,
    },
    {
      name: '100 silent clients that vanish without a word',
      attacker: 'crowd',
      count: 100,
      transport: 'TCP',
      visits: true,
      vanishes: true,
    },
    {
      name: '50 clients that never read, and vanish',
      attacker: 'mute',
      count: 50,
      transport: 'TCP',
      visits: true,
      vanishes: true,
    },
    {
      name: '8 clients whose line has no end',
      attacker: 'oversized',
      count: 8,
      transport: 'TCP',
      visits: true,
    },
    {
      name: '24 clients that ask without a pause',
      attacker: 'flooders',
      count: 24,
      transport: 'local',
      visits: false,
    },
  ];
}
