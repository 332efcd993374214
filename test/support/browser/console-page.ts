import { existsSync } from 'node:fs';
import { test } from '@jest/globals';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { BuiltOrchestrator, type ServiceOptions } from '../built/built-orchestrator.js';

const BROWSER = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
/** For a whole work item on a machine that has other things to do. */
export const TASK_MS_MAX = 180_000;

/** The built service in sandbox mode, and its console in a browser without a window. */
export class ConsolePage {
  /** Whatever the page complained about. */
  readonly complaints: string[] = [];

  private constructor(
    readonly service: BuiltOrchestrator,
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  static async open(options: ServiceOptions, height = 860): Promise<ConsolePage> {
    const service = await BuiltOrchestrator.start(options);
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
    const browser = await chromium.launch({ executablePath: BROWSER, args });
    const page = await browser.newPage({ viewport: { width: 1680, height } });
    const opened = new ConsolePage(service, browser, page);
    page.on('pageerror', (error) => opened.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') opened.complaints.push(message.text());
    });
    await page.goto(service.url);
    return opened;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.service.stop();
  }

  async create(title: string, description = ''): Promise<void> {
    await this.page.getByRole('button', { name: 'New work item' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'New work item' });
    await dialog.getByLabel('Title').fill(title);
    await dialog.getByLabel('Description').fill(description);
    await dialog.getByRole('button', { name: 'Create' }).click();
  }

  cardIn(stage: string, workItem: string): Locator {
    return this.page.locator(`[data-stage="${stage}"] [data-item="${workItem}"]`);
  }

  async approve(workItem: string): Promise<void> {
    await this.press(`Approve ${workItem}`);
  }

  /** As soon as the button is there. */
  async press(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click({ timeout: TASK_MS_MAX });
  }
}

/** The tests, where there is a browser; else one that says how to get them. */
export function inBrowser(tests: () => void): void {
  if (existsSync(BROWSER)) return tests();
  test('is driven only where there is a Chromium: install one, or name it in CHROMIUM_PATH', () => {
    process.stderr.write(`There is no Chromium at ${BROWSER}: the console is not tried in a browser\n`);
  });
}
