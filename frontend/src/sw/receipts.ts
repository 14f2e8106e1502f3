import type { Receipt } from '../store/pushdb';

/** The parts of the worker's world that a receipt needs. */
export interface ReceiptWorld {
  fetch(path: string, init: RequestInit): Promise<Response>;
  addReceipt(receipt: Receipt): Promise<void>;
  receipts(): Promise<[number, Receipt][]>;
  dropReceipt(key: number): Promise<void>;
}

const PATIENCE = 10_000;

/** Tells the server, and what could not be told before too; without a line it is kept for later. */
export async function report(receipt: Receipt, world: ReceiptWorld): Promise<void> {
  if (await send(receipt, world)) await flush(world);
  else await world.addReceipt(receipt);
}

/** Sends what was kept, oldest first, and stops at the first that does not get through. */
export async function flush(world: ReceiptWorld): Promise<void> {
  for (const [key, receipt] of await world.receipts()) {
    if (!(await send(receipt, world))) return;
    await world.dropReceipt(key);
  }
}

/** True when the server has it or will never take it; tried twice. */
async function send(receipt: Receipt, world: ReceiptWorld): Promise<boolean> {
  return (await attempt(receipt, world)) || attempt(receipt, world);
}

async function attempt(receipt: Receipt, world: ReceiptWorld): Promise<boolean> {
  try {
    const { status } = await world.fetch('/api/push/receipt', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(receipt),
      // A closed window or a worker that is put to sleep must not take the receipt with it.
      keepalive: true,
      signal: AbortSignal.timeout(PATIENCE),
    });
    return status < 500 && status !== 408 && status !== 429;
  } catch {
    return false;
  }
}
