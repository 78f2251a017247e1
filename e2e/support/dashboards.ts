/** The committed dashboards, and what can be told of their panels on a page. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';

const FOLDER = new URL('../../provisioning/grafana/dashboards/', import.meta.url);

export interface Panel {
  id: number;
  type: string;
  title: string;
  fieldConfig: { defaults: { noValue?: string } };
}

export interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
}

/** Those with data of their own, without the rows that head them. */
export const dashboards = readdirSync(FOLDER).map((name): Dashboard => {
  const { panels, ...rest } = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Dashboard;
  return { ...rest, panels: panels.filter(({ type }) => type !== 'row') };
});

export const onPage = (page: Page, { id }: Panel): Locator =>
  page.locator(`[data-viz-panel-key="panel-${id}"]`);

/** What is wrong with the panels as they are shown now, a line each. */
export async function problems(page: Page, { panels }: Dashboard): Promise<string[]> {
  const found: string[] = [];
  for (const panel of panels) {
    const shown = onPage(page, panel);
    if ((await shown.count()) === 0) {
      found.push(`${panel.title}: not on the page`);
      continue;
    }
    const text = await shown.innerText();
    const empty = ['No data', panel.fieldConfig.defaults.noValue].find(
      (none) => none !== undefined && text.split('\n').includes(none),
    );
    if (empty !== undefined) found.push(`${panel.title}: ${empty}`);
    if ((await shown.getByLabel('Panel loading bar').count()) > 0) found.push(`${panel.title}: loading`);
    for (const kind of ['error', 'warning']) {
      const sign = shown.getByTestId(`data-testid Panel status ${kind}`);
      if ((await sign.count()) > 0) found.push(`${panel.title}: ${kind}`);
    }
  }
  return found;
}
