import type { Policy } from '../../../kernel/pipeline/policy.js';

/** The same settings, telling whenever somebody looks at one of these paths. */
export function watched(policy: Policy, paths: readonly string[], onRead: (path: string) => void): Policy {
  return new Proxy(policy, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      const inner = paths.filter((path) => path.startsWith(`${String(name)}.`));
      if (paths.includes(String(name))) onRead(String(name));
      return inner.length > 0 ? watchedGroup(value as object, String(name), { paths: inner, onRead }) : value;
    },
  });
}

interface Watching {
  readonly paths: readonly string[];
  readonly onRead: (path: string) => void;
}

function watchedGroup(group: object, name: string, { paths, onRead }: Watching): object {
  return new Proxy(group, {
    get(target, key) {
      const path = `${name}.${String(key)}`;
      if (paths.includes(path)) onRead(path);
      return Reflect.get(target, key) as unknown;
    },
  });
}
