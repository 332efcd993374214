/** Name, default (null: needed, '' : may be empty), what it is. Those of the service are read as it reads them. */
const SETTINGS = [
  ['STAGING_URL', 'http://127.0.0.1:$ORCH_PORT', 'address of the service that is checked'],
  ['STAGING_REPO', null, 'the sandbox repository, the only one that staging may know'],
  ['STAGING_PLANE_PROJECT', null, 'id of its project in Plane'],
  ['STAGING_PERSON_TOKEN', null, 'API token of a Plane account that is not the one of the service'],
  ['STAGING_START_STATUS', 'In Progress', 'the status that starts the pipeline'],
  ['STAGING_CALL_TIMEOUT_S', '10', 'longest wait for one answer'],
  ['STAGING_WAIT_S', '120', 'longest wait for the job of the analyst, and then for the branch'],
  ['ORCH_STAGING', '', 'has to be true (A3)'],
  ['ORCH_STAGING_INFRA_TOLERANCE_ENABLED', 'true', 'whether failed SANDBOX_INFRA checks are waived'],
  ['ORCH_PORT', '8500', 'port of the service'],
  ['ORCH_API_TOKEN', '', 'token of the service, where it has one'],
  ['ORCH_PLANE_URL', null, 'as of the service'],
  ['ORCH_PLANE_WORKSPACE', null, 'as of the service'],
  ['ORCH_PLANE_API_TOKEN', null, 'as of the service'],
  ['ORCH_PLANE_WEBHOOK_SECRET', null, 'as of the service'],
  ['ORCH_GITEA_URL', null, 'as of the service'],
  ['ORCH_GITEA_OWNER', null, 'as of the service'],
  ['ORCH_GITEA_TOKEN', null, 'as of the service'],
];

const SECRET = /TOKEN|SECRET/;

export class SettingUnusable extends Error {}

/** A setting is asked for where it is used, so that a missing one fails the checks that need it and no others. */
export class Settings {
  constructor(env) {
    this.env = env;
  }

  get(name) {
    const [, otherwise] = SETTINGS.find(([known]) => known === name);
    const value = this.env[name] || otherwise;
    if (value === null) throw new SettingUnusable(`${name} is not set`);
    return value.replace('$ORCH_PORT', this.env.ORCH_PORT || '8500');
  }

  address(name) {
    const value = this.get(name);
    if (/^https?:\/\//.test(value)) return value.replace(/\/+$/, '');
    throw new SettingUnusable(`${name} has to be an address that begins with http:// or https://`);
  }

  milliseconds(name) {
    const seconds = Number(this.get(name));
    if (seconds > 0 && seconds < 86_400) return seconds * 1000;
    throw new SettingUnusable(`${name} has to be a number of seconds above 0 and below 86400`);
  }

  /** What somebody else says may quote what we sent. */
  withoutSecrets(text) {
    const secrets = Object.keys(this.env).filter((name) => SECRET.test(name) && this.env[name]);
    return secrets.reduce((left, name) => left.replaceAll(this.env[name], '…'), text);
  }
}

export function settingsAsText() {
  const width = Math.max(...SETTINGS.map(([name]) => name.length));
  const lines = SETTINGS.map(([name, otherwise, what]) => {
    const given = otherwise === null ? ' (needed)' : otherwise && ` (${otherwise})`;
    return `  ${name.padEnd(width)}  ${what}${given}`;
  });
  return lines.join('\n');
}
