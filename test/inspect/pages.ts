import type { VirtualTimeScheduler } from 'rxjs';
import type { Outlet } from '../../src/inspect/Outlet';

/** A page that takes what it is sent, or does not. */
export class Page<Batch> implements Outlet {
  readonly batches: Batch[] = [];
  writableNeedDrain = false;
  isEnded = false;

  write(text: string): boolean {
    this.batches.push(JSON.parse(/^data: (.*)\n\n$/.exec(text)![1]!) as Batch);
    return true;
  }

  end(): never {
    this.isEnded = true;
    return this as never;
  }
}

/** Lets virtual time go on. */
export function pass(scheduler: VirtualTimeScheduler, milliseconds: number): void {
  scheduler.maxFrames = scheduler.frame + milliseconds;
  scheduler.flush();
  scheduler.frame = scheduler.maxFrames;
}
