import type { DataSourceSettings } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { selectors } from '../selectors';
import type { AnalyticsOptions, AnalyticsSecrets } from '../types';
import { ConfigEditor } from './ConfigEditor';

const labels = selectors.ConfigEditor;

type Settings = DataSourceSettings<AnalyticsOptions, AnalyticsSecrets>;

let last: Settings;

function Host({ initial }: { initial: Partial<Settings> }) {
  const [options, setOptions] = useState({ jsonData: {}, secureJsonFields: {}, ...initial } as Settings);
  const change = (changed: Settings) => {
    last = changed;
    setOptions(changed);
  };
  return <ConfigEditor options={options} onOptionsChange={change} />;
}

const show = (initial: Partial<Settings> = {}) => render(<Host initial={initial} />);
const field = (label: string) => screen.getByLabelText(new RegExp(`^${label}`));
const type = (label: string, text: string) => userEvent.type(field(label), text);

describe('the config editor', () => {
  it('stores the URL in jsonData only, where the routes of the data proxy read it', async () => {
    show();
    await type(labels.url.label, 'http://exporter:3001');
    expect(last.jsonData.url).toBe('http://exporter:3001');
    // With Grafana's own URL set, viewers could bypass the routes.
    expect(last.url).toBeUndefined();
  });

  it('removes a trailing slash from the URL', async () => {
    show();
    await type(labels.url.label, ' http://exporter:3001// ');
    await userEvent.tab();
    expect(last.jsonData.url).toBe('http://exporter:3001');
  });

  it('stores the token as a secret', async () => {
    show();
    await type(labels.token.label, 'eyJ.a.b');
    expect(last.secureJsonData).toEqual({ token: 'eyJ.a.b' });
    expect(JSON.stringify(last.jsonData)).not.toContain('eyJ');
  });

  it('does not show a saved token, but can replace it', async () => {
    show({ secureJsonFields: { token: true } });
    expect(field(labels.token.label)).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: /reset/i }));
    expect(last.secureJsonFields.token).toBe(false);
    expect(field(labels.token.label)).toBeEnabled();
  });

  it('stores OAuth2 client credentials, the client secret as a secret', async () => {
    show();
    await userEvent.click(screen.getByLabelText(labels.authMethod.oauth2));
    expect(screen.queryByText(labels.token.description)).not.toBeInTheDocument();
    await type(labels.tokenUrl.label, 'https://idp/token');
    await type(labels.clientId.label, 'grafana');
    await type(labels.clientSecret.label, 'hush');
    await type(labels.scope.label, 'analytics:read');
    await type(labels.audience.label, 'analytics');
    expect(last.jsonData).toEqual({
      authMethod: 'oauth2',
      tokenUrl: 'https://idp/token',
      clientId: 'grafana',
      scope: 'analytics:read',
      audience: 'analytics',
    });
    expect(last.secureJsonData).toEqual({ clientSecret: 'hush' });
  });

  it('explains what viewers can read with the token', () => {
    show();
    expect(screen.getByText(labels.viewers.text)).toBeInTheDocument();
  });
});
