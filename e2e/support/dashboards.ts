/** The committed dashboards, and checks of their panels on a page. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';

const FOLDERS = ['dashboards', 'operations'].map(
  (folder) => new URL(`../../provisioning/grafana/${folder}/`, import.meta.url),
);

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

/** The panels without rows. */
export const dashboards = FOLDERS.flatMap((folder) =>
  readdirSync(folder).map((name): Dashboard => {
    const { panels, ...rest } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Dashboard;
    return { ...rest, panels: panels.filter(({ type }) => type !== 'row') };
  }),
);

/** Problems of the visible panels, one per line. Evaluated in one call, because the page is busy while it renders. */
export function problems(page: Page, { panels }: Dashboard): Promise<string[]> {
  const wanted = panels.map(({ id, title, fieldConfig }) => ({
    key: `panel-${id}`,
    title,
    empty: ['No data', fieldConfig.defaults.noValue],
  }));
  return page.evaluate(
    (all) =>
      all.flatMap(({ key, title, empty }) => {
        const shown = document.querySelector<HTMLElement>(`[data-viz-panel-key="${key}"]`);
        if (!shown) return [`${title}: not on the page`];
        const has = (selector: string) => shown.querySelector(selector) !== null;
        return [
          ...shown.innerText.split('\n').filter((line) => empty.includes(line)),
          ...(has('[aria-label="Panel loading bar"]') ? ['loading'] : []),
          ...(has('[data-testid="data-testid Panel status error"]') ? ['an error'] : []),
          ...(has('[data-testid="data-testid Panel status warning"]') ? ['a warning'] : []),
        ].map((problem) => `${title}: ${problem}`);
      }),
    wanted,
  );
}
