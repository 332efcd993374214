import type { lintSource } from '@secretlint/core';
import type { SecretLintCoreConfig } from '@secretlint/types';

/** Where a credential stands in a text; what it is called, never what it is. */
export interface Credential {
  readonly kind: string;
  readonly line: number;
  /** The text itself, to look for it elsewhere; it is neither logged nor stored. */
  readonly text: string;
}

/** `scheme://user:password@host` is as often an example or a local database as it is a leak, and what refuses work must be sure. */
const UNSURE = /-rule-(basicauth|database-connection-string)$/;

const PREFIX = '@secretlint/secretlint-rule-';

/** Tells credentials by their known forms, and ours by their values. */
export class CredentialFinder {
  private rules: Promise<Rules> | null = null;

  /** `own`: the secrets of the configuration. */
  constructor(private readonly own: readonly string[]) {}

  async credentialsIn(path: string, text: string): Promise<readonly Credential[]> {
    const { config, ...rules } = await (this.rules ??= loadRules());
    const source = { filePath: path, content: text, ext: '', contentType: 'text' as const };
    const { messages } = await rules.lintSource({
      source,
      options: { config, noPhysicFilePath: true, maskSecrets: true },
    });
    const known = messages
      .filter(({ ruleId }) => !UNSURE.test(ruleId))
      .map(({ ruleId, range: [start, end], loc }) => ({
        kind: `a credential (${ruleId.replace(PREFIX, '')})`,
        line: loc.start.line,
        text: text.slice(start, end),
      }));
    return [...this.ownIn(text), ...known];
  }

  private ownIn(text: string): readonly Credential[] {
    const found = this.own.filter((secret) => secret !== '' && text.includes(secret));
    return found.map((secret) => ({
      kind: 'a secret of the orchestrator',
      line: text.slice(0, text.indexOf(secret)).split('\n').length,
      text: secret,
    }));
  }
}

interface Rules {
  readonly config: SecretLintCoreConfig;
  readonly lintSource: typeof lintSource;
}

/** Loaded with the first text that is looked at; a start does not wait for it. */
async function loadRules(): Promise<Rules> {
  const [core, preset] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ]);
  return {
    lintSource: core.lintSource,
    config: { rules: [{ id: `${PREFIX}preset-recommend`, rule: preset.creator }] },
  };
}
