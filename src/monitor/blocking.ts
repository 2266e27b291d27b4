/** A session as the tree of waits sees it. */
export type Waiter = {
  readonly key: string;
  /** Whether it waits for a lock, and for how many seconds. */
  readonly waits: boolean;
  readonly waitSeconds: number | undefined;
  /** Keys of those that hold, or will be given before it, the lock that it waits for. */
  readonly blockers: readonly string[];
};

/** A session's place in the tree of waits. */
export type Place = {
  /** 0: a root, which waits for nobody that is known. */
  readonly depth: number;
  /** The blocker that it stands under. */
  readonly parent: string | undefined;
  /** Sessions that wait for it, directly or through others. */
  readonly blocks: number;
  /** The longest wait among them, in seconds. */
  readonly blocksSeconds: number | undefined;
};

/**
 * The trees of those who block or wait for one another, in the order of the screen: the root that blocks most first, each
 * followed by those behind it, the longest wait first. A session with several blockers stands under the one that is
 * nearest to a root. In a ring, which lasts until PostgreSQL resolves the deadlock, the longest wait is the root. Who
 * neither blocks nor waits for anyone known has no place.
 */
export function blockingTrees(all: readonly Waiter[]): ReadonlyMap<string, Place> {
  const known = new Map(all.map(one => [one.key, one]));
  const behind = new Map<string, string[]>();
  for (const {key, blockers} of all) {
    for (const blocker of new Set(blockers)) {
      if (blocker !== key && known.has(blocker)) behind.set(blocker, [...(behind.get(blocker) ?? []), key]);
    }
  }
  const waitOf = (key: string): number => known.get(key)?.waitSeconds ?? 0;
  const parents = new Map<string, string | undefined>();
  const blocked = new Set([...behind.values()].flat());
  const roots = [...behind.keys()].filter(key => !blocked.has(key));
  spread(roots, behind, parents);
  for (const key of [...blocked].sort((a, b) => waitOf(b) - waitOf(a))) {
    if (parents.has(key)) continue;
    roots.push(key);
    spread([key], behind, parents);
  }
  const piles = new Map([...behind.keys()].map(key => [key, allBehind(key, behind)]));
  const sizeOf = (key: string): number => piles.get(key)?.length ?? 0;
  const places = new Map<string, Place>();
  const children = childrenOf(parents);
  const place = (key: string, depth: number): void => {
    const waits = (piles.get(key) ?? []).flatMap(other => known.get(other)?.waitSeconds ?? []);
    const blocksSeconds = waits.length === 0 ? undefined : Math.max(...waits);
    places.set(key, {depth, parent: parents.get(key), blocks: sizeOf(key), blocksSeconds});
    const below = (children.get(key) ?? []).toSorted((a, b) => waitOf(b) - waitOf(a));
    for (const child of below) place(child, depth + 1);
  };
  for (const root of roots.toSorted((a, b) => sizeOf(b) - sizeOf(a))) place(root, 0);
  return places;
}

type Behind = ReadonlyMap<string, readonly string[]>;

/** Gives everyone behind these roots the parent that is nearest to one of them. */
function spread(roots: readonly string[], behind: Behind, parents: Map<string, string | undefined>): void {
  for (const root of roots) parents.set(root, undefined);
  const queue = [...roots];
  for (const key of queue) {
    for (const child of behind.get(key) ?? []) {
      if (parents.has(child)) continue;
      parents.set(child, key);
      queue.push(child);
    }
  }
}

function childrenOf(parents: ReadonlyMap<string, string | undefined>): Behind {
  const children = new Map<string, string[]>();
  for (const [key, parent] of parents) {
    if (parent === undefined) continue;
    const siblings = children.get(parent) ?? [];
    siblings.push(key);
    children.set(parent, siblings);
  }
  return children;
}

/** The others that are behind this one. */
function allBehind(from: string, behind: Behind): readonly string[] {
  const seen = new Set([from]);
  const queue = [from];
  for (const key of queue) {
    for (const next of behind.get(key) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return queue.slice(1);
}
