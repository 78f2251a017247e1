import {
  onUpdateDatasourceJsonDataOption,
  onUpdateDatasourceSecureJsonDataOption,
  updateDatasourcePluginJsonDataOption,
  updateDatasourcePluginResetOption,
  type DataSourcePluginOptionsEditorProps,
} from '@grafana/data';
import { Alert, Field, FieldSet, Input, RadioButtonGroup, SecretInput } from '@grafana/ui';
import { useId } from 'react';
import { selectors } from '../selectors';
import type { AnalyticsOptions, AnalyticsSecrets, AuthMethod } from '../types';

const labels = selectors.ConfigEditor;
const WIDTH = 60;

type Props = DataSourcePluginOptionsEditorProps<AnalyticsOptions, AnalyticsSecrets>;

const METHODS: Array<{ value: AuthMethod; label: string }> = [
  { value: 'token', label: labels.authMethod.token },
  { value: 'oauth2', label: labels.authMethod.oauth2 },
];

/** The URL of the exporter and the authentication. */
export function ConfigEditor(props: Props) {
  const { options } = props;
  const { jsonData } = options;
  const urlId = useId();
  const set = <Key extends keyof AnalyticsOptions>(key: Key, value: AnalyticsOptions[Key]) =>
    updateDatasourcePluginJsonDataOption(props, key, value);
  const method = jsonData.authMethod ?? 'token';
  const changeMethod = (chosen: AuthMethod) => set('authMethod', chosen);
  return (
    <>
      <FieldSet label={labels.connection}>
        <Field label={labels.url.label} description={labels.url.description} htmlFor={urlId} required>
          <Input
            id={urlId}
            width={WIDTH}
            value={jsonData.url ?? ''}
            placeholder={labels.url.placeholder}
            onChange={onUpdateDatasourceJsonDataOption(props, 'url')}
            // The routes of the data proxy append their paths.
            onBlur={() => set('url', jsonData.url?.trim().replace(/\/+$/, ''))}
          />
        </Field>
      </FieldSet>
      <FieldSet label={labels.authentication}>
        <Field label={labels.authMethod.label}>
          <RadioButtonGroup options={METHODS} value={method} onChange={changeMethod} />
        </Field>
        {method === 'token' ? (
          <SecretField {...props} name="token" texts={labels.token} />
        ) : (
          <>
            <OptionField {...props} name="tokenUrl" texts={labels.tokenUrl} />
            <OptionField {...props} name="clientId" texts={labels.clientId} />
            <SecretField {...props} name="clientSecret" texts={labels.clientSecret} />
            <OptionField {...props} name="scope" texts={labels.scope} />
            <OptionField {...props} name="audience" texts={labels.audience} />
          </>
        )}
      </FieldSet>
      <Alert severity="info" title={labels.viewers.title}>
        {labels.viewers.text}
      </Alert>
    </>
  );
}

interface Texts {
  label: string;
  description?: string;
  placeholder: string;
}

function OptionField({
  name,
  texts,
  ...props
}: Props & { name: 'tokenUrl' | 'clientId' | 'scope' | 'audience'; texts: Texts }) {
  const id = useId();
  return (
    <Field label={texts.label} description={texts.description} htmlFor={id}>
      <Input
        id={id}
        width={WIDTH}
        value={props.options.jsonData[name] ?? ''}
        placeholder={texts.placeholder}
        onChange={onUpdateDatasourceJsonDataOption(props, name)}
      />
    </Field>
  );
}

function SecretField({ name, texts, ...props }: Props & { name: keyof AnalyticsSecrets; texts: Texts }) {
  const id = useId();
  const { secureJsonFields, secureJsonData } = props.options;
  return (
    <Field label={texts.label} description={texts.description} htmlFor={id}>
      <SecretInput
        id={id}
        width={WIDTH}
        autoComplete="off"
        isConfigured={Boolean(secureJsonFields?.[name])}
        value={secureJsonData?.[name] ?? ''}
        placeholder={texts.placeholder}
        onChange={onUpdateDatasourceSecureJsonDataOption(props, name)}
        onReset={() => updateDatasourcePluginResetOption(props, name)}
      />
    </Field>
  );
}
