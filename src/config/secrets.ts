import type { Config } from './config.js';

/** Every secret value of the configuration, for the redactor of log lines and run logs. */
export function secretsOf(config: Config): string[] {
  const { server, plane, gitea, webhooks, telegram } = config;
  const named = [
    server.apiToken,
    plane?.apiToken,
    gitea?.token,
    webhooks.planeSecret,
    webhooks.giteaSecret,
    telegram.botToken,
  ];
  const addresses = [config.eventLog.url, ...config.projects.flatMap((project) => project.cloneUrl ?? [])];
  const secrets = [...named, ...addresses.flatMap(passwordsIn)].filter((secret) => typeof secret === 'string');
  return [...new Set(secrets)];
}

/** As written, and as it reads once decoded. */
function passwordsIn(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { password } = new URL(address);
  return password === '' ? [] : [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const REDACTED = '[redacted]';

/** Takes every secret out of a finished line, as it is written and as JSON or a URL would write it. */
export function redactorOf(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].filter((form) => form !== '');
  // The longest first: a secret may be a part of another one, whose rest would stay.
  forms.sort((one, other) => other.length - one.length);
  return (text) => forms.reduce((cleaned, form) => cleaned.replaceAll(form, REDACTED), text);
}

function formsOf(secret: string): readonly string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [secret, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(secret)];
}
