import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Field, Icon, Label, Stack, Text, Tooltip, useStyles2, useTheme2 } from '@grafana/ui';
import { useId, type ComponentProps, type ReactNode } from 'react';

/** A row of fields with a background, as in Grafana's own query editors. */
export function EditorRow({ children }: { children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.row}>
      <Stack direction="row" wrap="wrap" gap={2} alignItems="flex-start">
        {children}
      </Stack>
    </div>
  );
}

/** An explanation of the fields around it. */
export function EditorNote({ children }: Pick<ComponentProps<typeof Text>, 'children'>) {
  return (
    <Text color="secondary" variant="bodySmall" element="p">
      {children}
    </Text>
  );
}

/** Pass both to the control: Grafana's comboboxes use one or the other as their name. */
export interface ControlIds {
  id: string;
  'aria-labelledby': string;
}

/** Several controls with one label. */
export function EditorGroup({ label, children }: { label: string; children: ReactNode }) {
  const labelId = useId();
  return (
    <div role="group" aria-labelledby={labelId}>
      <Label id={labelId}>{label}</Label>
      {children}
    </div>
  );
}

interface EditorFieldProps {
  label: string;
  tooltip?: string;
  error?: string;
  /** In units of the theme's spacing, for controls that fill the available width. */
  width?: number;
  /** Renders the control. */
  children: (ids: ControlIds) => ComponentProps<typeof Field>['children'];
}

/** A control with a label. */
export function EditorField({ label, tooltip, error, width, children }: EditorFieldProps) {
  const theme = useTheme2();
  const id = useId();
  const labelId = `${id}-label`;
  const heading = (
    <Label htmlFor={id}>
      <Stack gap={0.5} alignItems="center">
        <span id={labelId}>{label}</span>
        {tooltip && (
          <Tooltip content={tooltip} interactive>
            <Icon name="info-circle" size="sm" />
          </Tooltip>
        )}
      </Stack>
    </Label>
  );
  return (
    <Field
      label={heading}
      invalid={Boolean(error)}
      error={error}
      noMargin
      style={width ? { width: theme.spacing(width) } : undefined}
    >
      {children({ id, 'aria-labelledby': labelId })}
    </Field>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    row: css({
      padding: theme.spacing(1),
      backgroundColor: theme.colors.background.secondary,
      borderRadius: theme.shape.radius.default,
    }),
  };
}
