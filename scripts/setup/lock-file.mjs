/** Optional dependencies that no entry of the lock file satisfies, neither beside the package that asks nor above it. */
export function missingFrom(lock) {
  const found = new Map();
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!placesFrom(path, name).some((place) => place in lock.packages)) found.set(name, { name, version });
    }
  }
  return [...found.values()];
}

function placesFrom(path, name) {
  const parents = path.split(/(?:^|\/)node_modules\//).filter((part) => part !== '');
  return parents
    .map(
      (_, index) =>
        `${parents
          .slice(0, index + 1)
          .map((part) => `node_modules/${part}`)
          .join('/')}/node_modules/${name}`,
    )
    .concat(`node_modules/${name}`);
}
