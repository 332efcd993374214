/**
 * Adds to the lock file what a registry without packages for other systems leaves out of it. `npm ci` refuses a lock file in
 * which an optional dependency is missing altogether, even one that this machine would never install. The version is the one
 * that the depending package pins; without a checksum, because nobody here can see the file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { missingFrom } from './setup/lock-file.mjs';

const FILE = 'package-lock.json';
const SYSTEMS = ['darwin', 'win32', 'linux', 'android', 'freebsd', 'openharmony'];
const CPUS = ['arm64', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'arm'];

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const missing = missingFrom(lock);
for (const { name, version } of missing) {
  const words = name.split('/').at(-1);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = CPUS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined || !/^\d/.test(version))
    throw new TypeError(`${name}@${version} names no system`);
  lock.packages[`node_modules/${name}`] = { version, cpu: [cpu], optional: true, os: [os] };
}
const packages = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
writeFileSync(FILE, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
console.log(`${missing.length} packages for other systems added to ${FILE}.`);
