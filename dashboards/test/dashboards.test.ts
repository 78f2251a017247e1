import { agentLinks, executionLinks } from 'agentidp-analytics-datasource/links';
import { DASHBOARD_UID, VARIABLE } from 'agentidp-analytics-panels/names';
import {
  dataLinks,
  panels,
  targets,
  written,
  type DashboardJson,
  type PanelJson,
  type TargetJson,
} from './model.js';

describe('a dashboard', () => {
  it('has a unique uid, and all expected uids exist', () => {
    const uids = written.map(({ uid }) => uid);
    expect(new Set(uids).size).toBe(uids.length);
    expect([...uids].sort()).toEqual([...Object.values(DASHBOARD_UID)].sort());
  });

  it.each(written.map((dashboard) => [dashboard.title, dashboard] as const))(
    '%s can be provisioned',
    (_, d) => {
      expect(d.schemaVersion).toBe(42);
      expect(d.description).not.toBe('');
      expect(new Set(d.panels.map(({ id }) => id)).size).toBe(d.panels.length);
    },
  );

  it.each(written.map((dashboard) => [dashboard.title, dashboard] as const))('%s has no overlap', (_, d) => {
    expect(overlaps(d)).toEqual([]);
    for (const { gridPos } of d.panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
  });

  it.each(written.map((dashboard) => [dashboard.title, dashboard] as const))(
    '%s uses only variables that it defines',
    (_, d) => {
      const known = new Set(d.templating.list.map(({ name }) => name));
      const used = [...JSON.stringify(d).matchAll(/\$\{?([a-zA-Z_]+)/g)].map(([, name]) => name ?? '');
      expect(used.filter((name) => !name.startsWith('__') && !known.has(name))).toEqual([]);
    },
  );

  it('shows annotations and links next to the variables', () => {
    for (const { annotations, links } of written) {
      expect(annotations.list.length).toBeGreaterThan(0);
      expect(annotations.list.every(({ hide }) => !hide)).toBe(true);
      expect([...annotations.list, ...links].every((shown) => !('placement' in shown))).toBe(true);
    }
  });
});

describe('a panel', () => {
  it.each(panels.map(({ name, panel }) => [name, panel] as const))(
    '%s has a title, a description, a unit and a no-data text',
    (_, panel) => {
      expect(panel.title).toBeTruthy();
      expect(panel.description).toMatch(/\.$/);
      expect(panel.fieldConfig?.defaults.unit).toBeTruthy();
      expect(panel.fieldConfig?.defaults.noValue).toBeTruthy();
    },
  );

  const counting = panels.filter(({ panel }) => (panel.targets ?? []).some(countsExecutions));
  it.each(counting.map(({ name, panel }) => [name, panel] as const))(
    '%s says which level of executions it counts',
    (_, panel) => {
      for (const { filters = [] } of (panel.targets ?? []).filter(countsExecutions)) {
        const level = filters.find(({ dimension }) => dimension === 'level');
        expect(panel.description).toMatch(level ? /top level/i : /every level|nested/i);
      }
    },
  );

  it.each(panels.map(({ name, panel }) => [name, panel] as const))('%s has unique refIds', (_, panel) => {
    const letters = (panel.targets ?? []).map(({ refId }) => refId);
    expect(letters.length).toBeGreaterThan(0);
    expect(new Set(letters).size).toBe(letters.length);
  });

  it('uses the data source variable, never a fixed data source', () => {
    expect(targets.filter(({ target }) => !target.datasource.uid.startsWith('${'))).toEqual([]);
  });

  it('sets all options of a heatmap, because the defaults calculate buckets', () => {
    const heatmaps = panels.filter(({ panel }) => panel.type === 'heatmap');
    expect(heatmaps.length).toBeGreaterThan(0);
    for (const { panel } of heatmaps) {
      expect(panel.options).toMatchObject({
        calculate: false,
        color: { mode: 'scheme', scale: 'exponential' },
        filterValues: { le: -1 },
        rowsFrame: { layout: 'auto' },
        yAxis: { reverse: true },
      });
    }
  });
});

describe('a link', () => {
  it('that the plugin adds to an agent opens the agent detail and keeps the time range', () => {
    const links = agentLinks('agentidp-analytics', { id: 'a 1' });
    expect(links.map(({ url }) => uidIn(url))).toEqual([DASHBOARD_UID.agentDetail]);
    expect(links[0]?.url).toContain('var-agent=a%201&');
    expect(links[0]?.url).toContain('${__url_time_range}');
  });

  it('that the plugin adds to an execution sets the variable of its dashboard', () => {
    const [link] = executionLinks('agentidp-analytics', { id: 'e1' });
    expect(uidIn(link?.url)).toBe(DASHBOARD_UID.execution);
    expect(link?.url).toContain(`var-${VARIABLE.execution}=e1&var-${VARIABLE.datasource}=agentidp-analytics`);
    expect(link?.url).toContain('${__url_time_range}');
  });

  const uids = new Set(written.map(({ uid }) => uid));

  it('of a panel opens an existing dashboard and keeps the time range', () => {
    const links = panels.flatMap(({ panel }) => dataLinks(panel));
    expect(links.length).toBeGreaterThan(0);
    for (const { url } of links) {
      expect(uids).toContain(uidIn(url));
      expect(url).toContain('${__url_time_range}');
      expect(url).toContain('var-agent=');
    }
  });

  it('of a dashboard has a target and keeps the time range', () => {
    for (const { links } of written) {
      expect(links.length).toBeGreaterThan(0);
      for (const link of links) {
        expect(link.keepTime).toBe(true);
        if (link.type === 'dashboards') {
          expect(written.some(({ tags }) => link.tags?.every((tag) => tags.includes(tag)))).toBe(true);
        } else {
          expect(uids).toContain(uidIn(link.url));
        }
      }
    }
  });
});

function uidIn(url = ''): string {
  return /^\/d\/([^/?]+)/.exec(url)?.[1] ?? '';
}

/** Titles of overlapping panels. */
function overlaps({ panels: all }: DashboardJson): string[] {
  const share = (a: PanelJson['gridPos'], b: PanelJson['gridPos']) =>
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
  return all.flatMap((one, index) =>
    all
      .slice(index + 1)
      .filter((other) => share(one.gridPos, other.gridPos))
      .map((other) => `${one.title} and ${other.title}`),
  );
}

/** Whether nested executions make a difference to a query. */
function countsExecutions({ metric = '' }: Partial<TargetJson>): boolean {
  return /^(?:executions|execution_.*|unpriced_executions)$/.test(metric);
}
