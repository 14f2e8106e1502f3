/** What is needed of a message to know which branch it is on; none of it ever changes. */
export interface Branched {
  id: string;
  /** The first version of this message, which it takes the place of. */
  branchOf?: string;
}

/** Where a message stands among its versions, from 1; `prev` and `next` are the ids beside it. */
export interface Version {
  at: number;
  of: number;
  prev?: string;
  next?: string;
}

/** A thread as one branch of it is read. */
export interface Branch<M> {
  entries: readonly M[];
  /** By message id, where there is more than one version. */
  versions: ReadonlyMap<string, Version>;
}

/**
 * The versions of each message that was edited, the first one first, by the id
 * of any of them. A first version that is not here still counts.
 */
function families<M extends Branched>(all: readonly M[]): Map<string, string[]> {
  const byFirst = new Map<string, string[]>();
  for (const m of all) {
    if (!m.branchOf) continue;
    const family = byFirst.get(m.branchOf) ?? [m.branchOf];
    byFirst.set(m.branchOf, [...family, m.id]);
  }
  return new Map([...byFirst.values()].flatMap((family) => family.map((id) => [id, family])));
}

/**
 * What leads to a message: each message follows the one before it, but a later
 * version follows what the first version followed. The server reads it the same way.
 */
function trail<M extends Branched>(all: readonly M[], tip: number): number[] {
  const indexes: number[] = [];
  for (let i = tip; i >= 0;) {
    indexes.push(i);
    const first = all[i]!.branchOf;
    if (first === undefined) i--;
    else {
      const at = all.findIndex((m) => m.id >= first);
      i = at < 0 ? -1 : Math.min(at, i) - 1;
    }
  }
  return indexes.reverse();
}

/** The newest message that `id` leads to, as an index; -1 when it is not here. */
function tipOf<M extends Branched>(all: readonly M[], id: string): number {
  for (let i = all.length - 1; i >= 0; i--) {
    if (all[i]!.id < id) return -1;
    if (trail(all, i).some((at) => all[at]!.id === id)) return i;
  }
  return -1;
}

/**
 * The branch to read of messages in the order of their ids: the newest, or the
 * one that `through`, a message of it, leads to.
 */
export function branchOf<M extends Branched>(all: readonly M[], through?: string): Branch<M> {
  const family = families(all);
  if (!family.size) return { entries: all, versions: new Map() };
  const tip = through === undefined ? -1 : tipOf(all, through);
  const entries = trail(all, tip < 0 ? all.length - 1 : tip).map((i) => all[i]!);
  const versions = new Map<string, Version>();
  for (const m of entries) {
    const ids = family.get(m.id);
    if (!ids) continue;
    const at = ids.indexOf(m.id);
    versions.set(m.id, { at: at + 1, of: ids.length, prev: ids[at - 1], next: ids[at + 1] });
  }
  return { entries, versions };
}
