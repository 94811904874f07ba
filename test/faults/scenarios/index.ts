import { adopted } from './adopted';
import { blocking } from './blocking';
import { clients } from './client';
import { messages } from './messages';
import { passing } from './passing';
import { pollers } from './poller';
import type { Scenario } from './Scenario';
import { services } from './service';

export const scenarios: readonly Scenario[] = [
  ...blocking,
  ...pollers,
  ...passing,
  ...adopted,
  ...messages,
  ...clients,
  ...services,
];

export { nameOf, type Scenario } from './Scenario';
