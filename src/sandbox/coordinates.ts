import type { SandboxProject } from './project.js';

/** Everything that somebody needs who talks to a running sandbox; plain JSON, so that it can cross a process. */
export interface SandboxCoordinates {
  readonly trackerUrl: string;
  readonly forgeUrl: string;
  readonly environmentsUrl: string;
  readonly workspace: string;
  readonly owner: string;
  readonly projectId: string;
  readonly repo: string;
  /** All projects; the first is the one that `projectId` and `repo` name. */
  readonly projects: readonly SandboxProject[];
  readonly tokens: {
    readonly trackerBot: string;
    readonly trackerPerson: string;
    readonly forgeBot: string;
    readonly forgePerson: string;
  };
  readonly secrets: { readonly plane: string; readonly gitea: string };
  readonly accounts: {
    readonly trackerBotId: string;
    readonly trackerPersonId: string;
    readonly forgeBotLogin: string;
    readonly forgePersonLogin: string;
  };
  /** The bare repositories, by repo. */
  readonly bareRepositories: Readonly<Record<string, string>>;
  readonly environmentsDir: string;
  /** A command line for `ORCH_AGENT_COMMAND`. */
  readonly agentCommand: string;
}

/** The environment that points a service at the sandbox; the rest of its settings is its own affair. */
export function settingsFor(coordinates: SandboxCoordinates): Record<string, string> {
  return {
    ORCH_PLANE_URL: coordinates.trackerUrl,
    ORCH_PLANE_API_TOKEN: coordinates.tokens.trackerBot,
    ORCH_PLANE_WORKSPACE: coordinates.workspace,
    // The tracker beside us has none of the real one's limits, and people play with several items at once.
    ORCH_PLANE_RATE_LIMIT_PER_MIN: '6000',
    ORCH_PLANE_WEBHOOK_SECRET: coordinates.secrets.plane,
    ORCH_GITEA_URL: coordinates.forgeUrl,
    ORCH_GITEA_TOKEN: coordinates.tokens.forgeBot,
    ORCH_GITEA_OWNER: coordinates.owner,
    ORCH_GITEA_WEBHOOK_SECRET: coordinates.secrets.gitea,
    ORCH_AGENT_COMMAND: coordinates.agentCommand,
  };
}
