import { Api, GrammyError } from 'grammy';
import { NotifierRefused, NotifierUnavailable } from '../notifier.js';
import type { Notifier } from '../notifier.js';

const MESSAGE_CHARS_MAX = 4096;
const TIMEOUT_S = 15;

/** One chat of one bot. Texts are sent as they are: no markup, so that nothing out of a tracker can become any. */
export class TelegramNotifier implements Notifier {
  private readonly bot: { readonly api: Api; readonly chatId: string } | null;

  constructor(access: { readonly botToken: string | null; readonly chatId: string | null; readonly apiUrl: string }) {
    const { botToken, chatId, apiUrl } = access;
    const options = { apiRoot: apiUrl.replace(/\/+$/, ''), timeoutSeconds: TIMEOUT_S, sensitiveLogs: false };
    this.bot = botToken && chatId ? { api: new Api(botToken, options), chatId } : null;
  }

  get enabled(): boolean {
    return this.bot !== null;
  }

  async send(text: string): Promise<void> {
    if (!this.bot) {
      throw new NotifierUnavailable('no chat is configured; set ORCH_TELEGRAM_BOT_TOKEN and ORCH_TELEGRAM_CHAT_ID');
    }
    try {
      await this.bot.api.sendMessage(this.bot.chatId, cut(text), { link_preview_options: { is_disabled: true } });
    } catch (error) {
      throw failureOf(error);
    }
  }
}

/** Without the cause: the address of a failed call contains the token. */
function failureOf(error: unknown): NotifierUnavailable | NotifierRefused {
  if (!(error instanceof GrammyError)) return new NotifierUnavailable('Telegram could not be reached');
  const { error_code: code, description, parameters } = error;
  const sentence = `Telegram answered with ${code}: ${description}${adviceFor(code)}`;
  if (code < 500 && code !== 429 && code !== 409) return new NotifierRefused(sentence, code);
  const retryAfterMs = parameters.retry_after === undefined ? null : parameters.retry_after * 1000;
  return new NotifierUnavailable(sentence, retryAfterMs);
}

function adviceFor(code: number): string {
  if (code === 401 || code === 404) return '; check ORCH_TELEGRAM_BOT_TOKEN';
  if (code === 400 || code === 403) return '; check ORCH_TELEGRAM_CHAT_ID and that the bot may write there';
  return '';
}

function cut(text: string): string {
  return text.length <= MESSAGE_CHARS_MAX ? text : `${text.slice(0, MESSAGE_CHARS_MAX - 1)}…`;
}
