import type { QueryEditorProps } from '@grafana/data';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState, type ComponentType } from 'react';
import type { AnalyticsDataSource } from '../datasource';
import type { AnalyticsQuery } from '../query';
import type { AnalyticsOptions } from '../types';

type Props = QueryEditorProps<AnalyticsDataSource, AnalyticsQuery, AnalyticsOptions>;

interface HostedEditorProps {
  Editor: ComponentType<Props>;
  datasource: AnalyticsDataSource;
  query: AnalyticsQuery;
  onChange: (query: AnalyticsQuery) => void;
  onRunQuery: () => void;
}

/** Hosts an editor like Grafana: its changes become its props. */
export function HostedEditor({ Editor, datasource, query, onChange, onRunQuery }: HostedEditorProps) {
  const [current, setCurrent] = useState(query);
  const change = (changed: AnalyticsQuery) => {
    setCurrent(changed);
    onChange(changed);
  };
  return <Editor datasource={datasource} query={current} onChange={change} onRunQuery={onRunQuery} />;
}

/** Waits for the parts of an editor that are loaded lazily. */
export async function loaded(): Promise<void> {
  await waitFor(() => expect(screen.queryByText('Loading…')).not.toBeInTheDocument());
}

/** Opens a menu and selects one of its options. */
export async function choose(control: HTMLElement, option: string | RegExp): Promise<void> {
  await userEvent.click(control);
  await userEvent.click(await screen.findByRole('option', { name: option }));
}

/** The texts of the options of a menu, once they are loaded. */
export async function optionsOf(control: HTMLElement): Promise<string[]> {
  await userEvent.click(control);
  await screen.findAllByRole('option');
  const texts = screen.getAllByRole('option').map(({ textContent }) => textContent ?? '');
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('option')).not.toBeInTheDocument());
  return texts;
}
