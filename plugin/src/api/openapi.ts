// Generated from docs/openapi.yaml by `npm run generate -w client`; do not edit.
export interface paths {
  '/api/v1/analytics/catalog': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Metrics and dimensions */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              metrics: {
                name: string;
                /** @description Other names under which it can be asked for. */
                aliases?: string[];
                title: string;
                description: string;
                /** @description Unit, as a Grafana unit id. */
                unit: string;
                /** @enum {string} */
                kind: 'count' | 'rate' | 'duration' | 'gauge';
                dimensions: string[];
                intervals: ('minute' | '5m' | '15m' | 'hour' | '6h' | 'day' | 'week' | 'month' | 'none')[];
              }[];
              dimensions: {
                name: string;
                title: string;
                description: string;
              }[];
              /** @description How long intervals below an hour are kept. A query that begins earlier has the hour as its finest interval. */
              minuteRetentionHours: number;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/query': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Runs one or more catalog queries
     * @description The answer has columns. If one of several queries is invalid, it fails alone, with its error in place of its result; if the only query is invalid, the answer is a 400. If dimensions are not kept together by the minute, `details.intervals` lists the intervals that can be queried. A query has at most 50000 cells (buckets times groups), and a request 250000.
     */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            range: {
              /** @description RFC 3339, included. */
              from: string;
              /** @description RFC 3339, excluded; may lie in the future. */
              to: string;
            };
            /**
             * @description IANA name.
             * @default UTC
             */
            timeZone?: string;
            queries: {
              refId: string;
              /** @description A metric of the catalog. */
              metric: string;
              /** @description Dimensions of the metric. */
              groupBy?: string[];
              filters?: {
                dimension: string;
                /** @description One of in, notIn, matches; matches takes a glob with *. */
                operator: string;
                values: (string | number)[];
              }[];
              /**
               * @description One of minute, 5m, 15m, hour, 6h, day, week, month, none.
               * @default none
               */
              interval?: string;
              orderBy?: {
                /** @description value, time or a dimension of groupBy. */
                by: string;
                /** @description asc or desc. */
                direction?: string;
              };
              /** @description 1 to 10000: keeps the groups with the largest totals. */
              limit?: number;
            }[];
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              results: {
                [key: string]:
                  | {
                      columns: {
                        name: string;
                        /** @enum {string} */
                        type: 'time' | 'number' | 'string';
                        unit?: string;
                        /** @description Times are RFC 3339. */
                        values: ((string | number) | null)[];
                      }[];
                      notices: string[];
                    }
                  | {
                      error: components['schemas']['Error'];
                    };
              };
            };
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/dimensions/{dimension}/values': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Values of a dimension */
    get: {
      parameters: {
        query?: {
          /** @description Part of the name; `*` matches anything. */
          search?: string;
          limit?: number;
        };
        header?: never;
        path: {
          dimension:
            | 'agent'
            | 'agentTag'
            | 'endpoint'
            | 'statusClass'
            | 'statusCode'
            | 'executionStatus'
            | 'level'
            | 'model'
            | 'provider'
            | 'user'
            | 'flow'
            | 'environment'
            | 'tag'
            | 'tool'
            | 'errorType'
            | 'component'
            | 'weekday'
            | 'hourOfDay';
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              values: {
                value: string;
                label: string;
              }[];
              /**
               * @description There were more than 100000 rows to look at, and values may be missing that only older ones have. Left out where the values are complete.
               * @enum {boolean}
               */
              truncated?: true;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/jobs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Runs of the scheduled jobs, newest first */
    get: {
      parameters: {
        query?: {
          /** @description RFC 3339 time or date, included. Default: 30 days before `to`. */
          from?: string;
          /** @description RFC 3339 time, excluded, or date, included. Default: now. */
          to?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              jobs: {
                job: string;
                /**
                 * Format: date-time
                 * @description When it was due.
                 */
                slot: string;
                /**
                 * Format: date-time
                 * @description When it began.
                 */
                startedAt: string;
                /** @description When it ended; null while it runs. */
                finishedAt: string | null;
                /** @description Rows written or removed. */
                rows: number | null;
                /** @description Why it failed. */
                error: string | null;
              }[];
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/executions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Executions, page by page */
    get: {
      parameters: {
        query?: {
          /** @description Only these statuses. Every filter may be repeated. */
          status?: ('running' | 'success' | 'failure' | 'timeout' | 'blocked')[];
          /** @description Only of these agents. */
          agent_id?: string[];
          /** @description Only of these users. */
          user_id?: string[];
          /** @description Only of these sessions. */
          session_id?: string[];
          /** @description Only of these flows. */
          flow_id?: string[];
          /** @description Only of these models. */
          model_name?: string[];
          /** @description Only with these kinds of error. */
          error_type?: string[];
          /** @description Only of these traces. */
          trace_id?: string[];
          /** @description Only of these environments. */
          environment?: string[];
          /** @description Only called by these executions. */
          parent_execution_id?: string[];
          /** @description Only of these services. */
          service_name?: string[];
          /** @description Only of these versions of a service. */
          service_version?: string[];
          /** @description `top`: executions that no other has called; `nested`: the others. Default: `top`, and `all` where `parent_execution_id` is given. */
          level?: 'top' | 'nested' | 'all';
          /** @description Part of the preview, case-insensitive. */
          q?: string;
          /** @description `24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it. */
          period?: '24h' | '7d' | '30d' | '90d';
          /**
           * @description First day, UTC, in place of `period`.
           * @example 2026-03-06
           */
          start_date?: string;
          /** @description Last day, UTC, included. Default: today. */
          end_date?: string;
          /** @description Started at this RFC 3339 time or later; in place of `start_date`. */
          start_time?: string;
          /** @description Started before this RFC 3339 time; in place of `end_date`. */
          end_time?: string;
          /** @description An unknown time or cost sorts below every known one. */
          sort_by?: 'started_at' | 'execution_time_ms' | 'cost_usd' | 'total_tokens';
          sort_order?: 'asc' | 'desc';
          page?: number;
          page_size?: number;
          /** @description `next_cursor` of the previous page, in place of `page`. */
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              items: {
                id: string;
                request_id: string | null;
                session_id: string | null;
                agent_id: string | null;
                agent_name: string | null;
                agent_type: string | null;
                flow_id: string | null;
                user_id: string | null;
                user_name: string | null;
                provider: string | null;
                model_name: string | null;
                /** @enum {string} */
                status: 'running' | 'success' | 'failure' | 'timeout' | 'blocked';
                /**
                 * Format: date-time
                 * @description Start of the execution.
                 */
                started_at: string;
                /** @description End of the execution. */
                completed_at: string | null;
                execution_time_ms: number | null;
                llm_time_ms: number | null;
                /** @description Including cached tokens. */
                input_tokens: number;
                /** @description Including reasoning tokens. */
                output_tokens: number;
                /** @description Sum of input and output. */
                total_tokens: number;
                /** @description Tokens read from a cache. */
                cached_input_tokens: number;
                /** @description Tokens written to a cache. */
                cache_write_tokens: number;
                /** @description Reasoning tokens. */
                reasoning_tokens: number;
                /** @description Tokens written to a cache for an hour. */
                cache_write_1h_tokens: number;
                /** @description Input tokens that are audio. */
                input_audio_tokens: number;
                /** @description Output tokens that are audio. */
                output_audio_tokens: number;
                /** @enum {string} */
                service_tier: 'standard' | 'batch' | 'flex' | 'priority';
                /** @description Null if it is unpriced. USD, at most 12 decimals. */
                cost_usd: number | null;
                /** @enum {string} */
                cost_source: 'reported' | 'computed' | 'unpriced';
                /** @description What has to be known about the cost, such as why there is none; null where it is plain. */
                cost_note: string | null;
                query_preview: string | null;
                error_type: string | null;
                error_message: string | null;
                tags: string[];
                reservation_id: string | null;
                environment: string | null;
                trace_id: string | null;
                parent_execution_id: string | null;
                service_name: string | null;
                service_version: string | null;
                /** @description Number of steps. */
                step_count: number;
                /** @description Sums of the execution and all executions that were called below it. */
                subtree: {
                  /** @description This execution and all below it. */
                  executions: number;
                  /** @description Input and output tokens. */
                  total_tokens: number;
                  /** @description Without unpriced executions. Null if none has a price. USD, at most 12 decimals. */
                  cost_usd: number | null;
                  /** @description Executions without a price. */
                  unpriced_executions: number;
                  /**
                   * @description There are more executions than were summed: 20000 for a page. Left out where the sums are complete.
                   * @enum {boolean}
                   */
                  truncated?: true;
                };
                /** @description Tool of the last step, or the type of one that is no tool call; null without steps. */
                last_step: string | null;
              }[];
              /** @description Null if a cursor was given. */
              page: number | null;
              page_size: number;
              /** @description Executions that match the filters. */
              total: number;
              /** @description Pages. */
              total_pages: number;
              /** @description Null on the last page. */
              next_cursor: string | null;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/executions/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One execution with its children, steps and token usages
     * @description At most 10000 steps and as many token usages, 12 MiB together; `next_cursor` leads to the rest, steps first.
     */
    get: {
      parameters: {
        query?: {
          /** @description `next_cursor` of the previous page. */
          cursor?: string;
        };
        header?: never;
        path: {
          /** @description The execution. */
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              id: string;
              request_id: string | null;
              session_id: string | null;
              agent_id: string | null;
              agent_name: string | null;
              agent_type: string | null;
              flow_id: string | null;
              user_id: string | null;
              user_name: string | null;
              provider: string | null;
              model_name: string | null;
              /** @enum {string} */
              status: 'running' | 'success' | 'failure' | 'timeout' | 'blocked';
              /**
               * Format: date-time
               * @description Start of the execution.
               */
              started_at: string;
              /** @description End of the execution. */
              completed_at: string | null;
              execution_time_ms: number | null;
              llm_time_ms: number | null;
              /** @description Including cached tokens. */
              input_tokens: number;
              /** @description Including reasoning tokens. */
              output_tokens: number;
              /** @description Sum of input and output. */
              total_tokens: number;
              /** @description Tokens read from a cache. */
              cached_input_tokens: number;
              /** @description Tokens written to a cache. */
              cache_write_tokens: number;
              /** @description Reasoning tokens. */
              reasoning_tokens: number;
              /** @description Tokens written to a cache for an hour. */
              cache_write_1h_tokens: number;
              /** @description Input tokens that are audio. */
              input_audio_tokens: number;
              /** @description Output tokens that are audio. */
              output_audio_tokens: number;
              /** @enum {string} */
              service_tier: 'standard' | 'batch' | 'flex' | 'priority';
              /** @description Null if it is unpriced. USD, at most 12 decimals. */
              cost_usd: number | null;
              /** @enum {string} */
              cost_source: 'reported' | 'computed' | 'unpriced';
              /** @description What has to be known about the cost, such as why there is none; null where it is plain. */
              cost_note: string | null;
              query_preview: string | null;
              error_type: string | null;
              error_message: string | null;
              tags: string[];
              reservation_id: string | null;
              environment: string | null;
              trace_id: string | null;
              parent_execution_id: string | null;
              service_name: string | null;
              service_version: string | null;
              /** @description Number of steps. */
              step_count: number;
              /** @description Sums of the execution and all executions that were called below it. */
              subtree: {
                /** @description This execution and all below it. */
                executions: number;
                /** @description Input and output tokens. */
                total_tokens: number;
                /** @description Without unpriced executions. Null if none has a price. USD, at most 12 decimals. */
                cost_usd: number | null;
                /** @description Executions without a price. */
                unpriced_executions: number;
                /**
                 * @description There are more executions than were summed: 20000 for a page. Left out where the sums are complete.
                 * @enum {boolean}
                 */
                truncated?: true;
              };
              /** @description Executions that it called, the earliest 1000. The list pages through all of them with `parent_execution_id`. */
              children: {
                id: string;
                agent_id: string | null;
                agent_name: string | null;
                /** @enum {string} */
                status: 'running' | 'success' | 'failure' | 'timeout' | 'blocked';
                execution_time_ms: number | null;
                /** @description Null if it is unpriced. USD, at most 12 decimals. */
                cost_usd: number | null;
              }[];
              steps: {
                step_number: number;
                /** @enum {string} */
                step_type: 'thought' | 'action' | 'observation' | 'tool_call' | 'final_answer';
                content: string | null;
                tool_name: string | null;
                status: ('running' | 'success' | 'failure' | 'timeout' | 'blocked') | null;
                /** @description Input tokens. */
                input_tokens: number;
                /** @description Output tokens. */
                output_tokens: number;
                duration_ms: number | null;
                /** @description As reported, USD; null where nothing was. USD, at most 12 decimals. */
                cost_usd: number | null;
                /** @description Start of the step. */
                timestamp: string | null;
              }[];
              token_usages: {
                id: string | null;
                component: string;
                provider: string | null;
                model: string | null;
                step_number: number | null;
                /** @description Including cached tokens. */
                input_tokens: number;
                /** @description Including reasoning tokens. */
                output_tokens: number;
                /** @description Sum of input and output. */
                total_tokens: number;
                /** @description Tokens read from a cache. */
                cached_input_tokens: number;
                /** @description Tokens written to a cache. */
                cache_write_tokens: number;
                /** @description Reasoning tokens. */
                reasoning_tokens: number;
                /** @description Tokens written to a cache for an hour. */
                cache_write_1h_tokens: number;
                /** @description Input tokens that are audio. */
                input_audio_tokens: number;
                /** @description Output tokens that are audio. */
                output_audio_tokens: number;
                /** @enum {string} */
                service_tier: 'standard' | 'batch' | 'flex' | 'priority';
                /** @description Null if it is unpriced. USD, at most 12 decimals. */
                cost_usd: number | null;
                /** @enum {string} */
                cost_source: 'reported' | 'computed' | 'unpriced';
              }[];
              /** @description Null if these are all steps and token usages. Otherwise the `cursor` of a request that answers the same execution with those that follow. */
              next_cursor: string | null;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/budgets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Budgets with their current spend and state, oldest first */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              budgets: {
                /** @description UUID. */
                id: string;
                name: string | null;
                /**
                 * @description Whose spend counts.
                 * @default global
                 * @enum {string}
                 */
                scope: 'user' | 'agent' | 'flow' | 'global';
                /** @description The user, agent or flow, which need not exist yet. Null or left out if the scope is global. */
                scope_id: string | null;
                /** @description The most that may be spent in the period. USD, at most 6 decimals. */
                threshold_usd: number;
                /**
                 * @description Length of the period in days of 24 hours. The period ends now.
                 * @default 30
                 */
                period_days: number;
                /**
                 * @description `hard_stop` also refuses reservations that would exceed the threshold.
                 * @default warning
                 * @enum {string}
                 */
                alert_type: 'warning' | 'hard_stop';
                /**
                 * @description Percent of the threshold at which a notification is sent. Another one is sent at 100.
                 * @default 80
                 */
                alert_at_percentage: number;
                /**
                 * @description An inactive budget neither notifies nor refuses.
                 * @default true
                 */
                is_active: boolean;
                /** @default true */
                email_notification: boolean;
                /**
                 * @description Email addresses.
                 * @default []
                 */
                recipients: string[];
                /**
                 * @description Names of channels that are notified too, whatever `email_notification` says.
                 * @default []
                 */
                channels: string[];
                /** @description Spent within the period. Unpriced executions count with the estimates of their reservations. USD, at most 6 decimals. */
                current_spend_usd: number;
                /** @description Held by open reservations. USD, at most 6 decimals. */
                reserved_usd: number;
                /** @description Percent of the threshold; above 100 if it is exceeded. */
                spend_percentage: number;
                /**
                 * @description `warning` from `alert_at_percentage` on, `exceeded` from 100 on.
                 * @enum {string}
                 */
                state: 'ok' | 'warning' | 'exceeded';
              }[];
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/alerts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Alerts with their state, oldest first */
    get: {
      parameters: {
        query?: {
          state?: 'ok' | 'no_data' | 'pending' | 'firing';
          limit?: number;
          /** @description `next_cursor` of the previous page. */
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              alerts: {
                /** @description UUID. */
                id: string;
                name: string;
                condition: {
                  /** @description A metric of the catalog. */
                  metric: string;
                  /**
                   * @description `no_data`: nothing was counted in the window.
                   * @enum {string}
                   */
                  operator:
                    'greater_than' | 'greater_or_equal' | 'less_than' | 'less_or_equal' | 'equal' | 'no_data';
                  /** @description In the unit of the metric; with `compare` a change in percent. Not needed with `no_data`. */
                  threshold?: number | null;
                  /**
                   * @description From 1m to 30d: whole minutes, hours or days.
                   * @example 5m
                   */
                  window: string;
                  /** @description Dimensions of the metric. Each group has a state and messages of its own. */
                  group_by?: string[];
                  filters?: {
                    dimension: string;
                    /** @description One of in, notIn, matches. */
                    operator: string;
                    values: (string | number)[];
                  }[];
                  /**
                   * @description Compares with the window before, or with the same window 7 days before.
                   * @enum {string}
                   */
                  compare?: 'previous' | 'last_week';
                };
                /**
                 * @description How long the condition must hold before the alert fires.
                 * @default 0m
                 */
                for: string;
                /**
                 * @default warning
                 * @enum {string}
                 */
                severity: 'info' | 'warning' | 'critical';
                actions: {
                  /** @description Names of channels. */
                  channels: string[];
                  /** @description May contain {{value}}, {{threshold}}, {{name}}, {{severity}}, {{metric}}, {{operator}}, {{window}}, {{samples}} and the dimensions of the metric, such as {{agent}}. Null: a sentence of the service. */
                  message: string | null;
                };
                /**
                 * @description How often the message of a firing alert is repeated; 0: never.
                 * @default 4h
                 */
                repeat_interval: string;
                /**
                 * @description An inactive alert is not evaluated.
                 * @default true
                 */
                is_active: boolean;
                /**
                 * @description `pending`: the condition holds, not for long enough. `no_data`: nothing to compare. With groups the worst of theirs.
                 * @enum {string}
                 */
                state: 'ok' | 'no_data' | 'pending' | 'firing';
                /** @description In the unit of the metric; with `compare` a change in percent. With groups the most relevant. */
                value: number | null;
                /** @description Since when it has this state. */
                since: string | null;
                /** @description When it was last evaluated over a new minute, or with another result. */
                last_evaluated_at: string | null;
                /** @description Why it could not be evaluated, or not completely. */
                last_error: string | null;
              }[];
              /** @description Null on the last page. */
              next_cursor: string | null;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/alerts/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Changes of the states of all alerts, newest first */
    get: {
      parameters: {
        query?: {
          /** @description Only events at this RFC 3339 time or later. */
          from?: string;
          /** @description Only events before this RFC 3339 time. */
          to?: string;
          limit?: number;
          /** @description `next_cursor` of the previous page. */
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              events: {
                id: string;
                alert_id: string;
                alert_name: string;
                /**
                 * @default warning
                 * @enum {string}
                 */
                severity: 'info' | 'warning' | 'critical';
                /**
                 * Format: date-time
                 * @description End of the window in which the state changed.
                 */
                at: string;
                /**
                 * @description `pending`: the condition holds, not for long enough. `no_data`: nothing to compare. With groups the worst of theirs.
                 * @enum {string}
                 */
                from: 'ok' | 'no_data' | 'pending' | 'firing';
                /**
                 * @description `pending`: the condition holds, not for long enough. `no_data`: nothing to compare. With groups the worst of theirs.
                 * @enum {string}
                 */
                to: 'ok' | 'no_data' | 'pending' | 'firing';
                /** @description In the unit of the metric; with `compare` a change in percent. With groups the most relevant. */
                value: number | null;
                /** @description How much a rate, mean or percentile has counted; null for other metrics. */
                samples: number | null;
                /** @description Dimensions of the group, with the names of agents and users; empty without groups. */
                labels: {
                  [key: string]: string;
                };
              }[];
              /** @description Null on the last page. */
              next_cursor: string | null;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/costs/forecast': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Forecast of this month's cost */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /**
               * @description This UTC month.
               * @example 2026-03
               */
              month: string;
              /** @description So far. USD, at most 6 decimals. */
              month_to_date_usd: number;
              /** @description At the end of the month. USD, at most 6 decimals. */
              projected_month_usd: number;
              /** @description Lower end of the 80 % interval. USD, at most 6 decimals. */
              lower_usd: number;
              /** @description Upper end of the 80 % interval. USD, at most 6 decimals. */
              upper_usd: number;
              /** @description How the cost was projected, or that there is too little history. */
              method: string;
              /** @description Complete days since the first cost, at most 180. */
              history_days: number;
              daily: {
                /**
                 * Format: date
                 * @description Day of the month.
                 * @example 2026-03-06
                 */
                date: string;
                /** @description Null for future days. USD, at most 6 decimals. */
                actual_usd: number | null;
                /** @description Null for past days. Today counts as a whole day, with at least the cost so far. USD, at most 6 decimals. */
                projected_usd: number | null;
                /** @description Cost of the month up to the end of this day: actual for past days, projected from today on. USD, at most 6 decimals. */
                cumulative_usd: number;
                /** @description Lower end of the 80 % interval of cumulative_usd; null for past days. USD, at most 6 decimals. */
                lower_usd: number | null;
                /** @description Upper end of that interval; null for past days. USD, at most 6 decimals. */
                upper_usd: number | null;
              }[];
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/costs/recommendations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * How to spend less, each with its evidence
     * @description From what is stored of the period, of its newest 100000 executions at most. Savings are those of 30 days. One whose evidence is thin is not made. They are found again after a minute. If finding them takes too long, those of the last night are answered.
     *     - `cheaper_model`: The agent, in the same flow, already runs a cheaper model whose success rate is not significantly worse (95 %, at least 100 finished executions each).
     *     - `prompt_caching`: An agent sends large inputs (mean over 2,000 tokens, at least 100 calls) within minutes of each other on a model that has a price for cached input, and less than 20 % of the input is cached. Savings are net of what cache writes cost.
     *     - `retry_loop`: An agent runs the same preview again within an hour after it has failed, at least three times in a row and ten times in all. Savings are the cost of the repeats.
     *     - `failed_spend`: What runs of an agent have cost that failed, by kind of error and model: at least 10 runs, and 1 % of its runs.
     *     - `oversized_context`: The input of an agent grows with each of 4 or more calls of a run, to at least twice the first, in at least 20 runs and half of those that long, with less than 20.0 % cached. Savings are those of reading from the cache what was sent before, beyond the first input.
     *     - `unpriced`: A model without a price has used tokens. What that costs is not known, and neither is what can be saved.
     *     - `idle_agent`: The agent has cost items or credentials and has not run, called or got a token in the period of at least 7 days.
     *     - `followed`: Since the agent moved to a cheaper model, within the period or one of the same length before it: what it saves, which is not part of `total_savings`, and the success rate before and after (at least 100 finished executions each).
     */
    get: {
      parameters: {
        query?: {
          /** @description `24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it. */
          period?: '24h' | '7d' | '30d' | '90d';
          /**
           * @description First day, UTC, in place of `period`.
           * @example 2026-03-06
           */
          start_date?: string;
          /** @description Last day, UTC, included. Default: today. */
          end_date?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              period: {
                /** @description Null if dates were given. */
                name: ('24h' | '7d' | '30d' | '90d') | null;
                /**
                 * Format: date-time
                 * @description Start, included.
                 */
                start: string;
                /**
                 * Format: date-time
                 * @description End, excluded.
                 */
                end: string;
              };
              /** @description Sum of the savings that are known and can still be made, without dismissed ones. Recommendations about the same executions overlap. USD, at most 6 decimals. */
              total_savings: number;
              /** @description The largest savings first. */
              recommendations: {
                /** @description UUID, the same whenever it is found. */
                id: string;
                /** @enum {string} */
                kind:
                  | 'cheaper_model'
                  | 'prompt_caching'
                  | 'retry_loop'
                  | 'failed_spend'
                  | 'oversized_context'
                  | 'unpriced'
                  | 'idle_agent'
                  | 'followed';
                /** @description What there is to save, with the figures. */
                title: string;
                /** @description In 30 days; null if it is not known. USD, at most 6 decimals. */
                savings: number | null;
                /** @description What to do. */
                action: string;
                agent_id: string | null;
                model: string | null;
                /** @description Figures of its kind. */
                evidence: {
                  /**
                   * Format: date-time
                   * @description From when on executions were looked at.
                   */
                  from: string;
                  /**
                   * Format: date-time
                   * @description Until when, excluded.
                   */
                  to: string;
                  /** @description How the savings were worked out. */
                  arithmetic: string;
                  /** @description Ids of executions to look at, at most 5. */
                  executions: string[];
                } & {
                  [key: string]: unknown;
                };
                /** @description What has to be known before it is followed. */
                caveat: string | null;
                dismissed: boolean;
              }[];
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/reports': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Reports with their last run, the oldest first */
    get: {
      parameters: {
        query?: {
          limit?: number;
          /** @description `next_cursor` of the previous page. */
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              reports: {
                /** @description UUID. */
                id: string;
                name: string;
                /** @description Null for a report of `metrics` alone. */
                template:
                  | (
                      | 'executive_summary'
                      | 'performance_report'
                      | 'cost_report'
                      | 'error_report'
                      | 'usage_report'
                    )
                  | null;
                /** @description Metrics of the catalog, in addition to those of the template. */
                metrics: string[];
                /** @description Dimensions by which `metrics` are shown in a table. */
                group_by: string[];
                filters: {
                  agent_tags?: string[];
                  agent_ids?: string[];
                  environments?: string[];
                  /** @enum {string} */
                  period: '24h' | '7d' | '30d' | '90d';
                };
                /** @description daily, weekly, monthly, at 07:00, or a cron expression of five fields, in the time zone. A weekly report is of Monday, a monthly one of the 1st. Null: only when it is asked for. */
                schedule: string | null;
                /** @description IANA name. */
                time_zone: string;
                /** @description Email addresses. */
                recipients: string[];
                /** @description Names of channels. */
                channels: string[];
                /** @description Null without a schedule. */
                next_run_at: string | null;
                last_run: {
                  /** @description UUID. */
                  id: string;
                  report_id: string;
                  /** @enum {string} */
                  status: 'queued' | 'running' | 'done' | 'failed';
                  /** @description The time of its schedule; null for a run that was asked for. */
                  scheduled_for: string | null;
                  period: {
                    /**
                     * Format: date-time
                     * @description Begin, included.
                     */
                    from: string;
                    /**
                     * Format: date-time
                     * @description End, excluded.
                     */
                    to: string;
                    time_zone: string;
                  };
                  /**
                   * Format: date-time
                   * @description When it was asked for, or found due.
                   */
                  created_at: string;
                  /** @description When it began. */
                  started_at: string | null;
                  /** @description When it ended. */
                  finished_at: string | null;
                  /** @description Why it failed, or failed before it is tried again. */
                  error: string | null;
                } | null;
              }[];
              /** @description Null on the last page. */
              next_cursor: string | null;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/reports/{id}/runs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Runs of a report, the latest first
     * @description The latest 50 of a report are kept, for 400 days.
     */
    get: {
      parameters: {
        query?: {
          limit?: number;
          /** @description `next_cursor` of the previous page. */
          cursor?: string;
        };
        header?: never;
        path: {
          /** @description The report. */
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              runs: {
                /** @description UUID. */
                id: string;
                report_id: string;
                /** @enum {string} */
                status: 'queued' | 'running' | 'done' | 'failed';
                /** @description The time of its schedule; null for a run that was asked for. */
                scheduled_for: string | null;
                period: {
                  /**
                   * Format: date-time
                   * @description Begin, included.
                   */
                  from: string;
                  /**
                   * Format: date-time
                   * @description End, excluded.
                   */
                  to: string;
                  time_zone: string;
                };
                /**
                 * Format: date-time
                 * @description When it was asked for, or found due.
                 */
                created_at: string;
                /** @description When it began. */
                started_at: string | null;
                /** @description When it ended. */
                finished_at: string | null;
                /** @description Why it failed, or failed before it is tried again. */
                error: string | null;
              }[];
              /** @description Null on the last page. */
              next_cursor: string | null;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Sessions, page by page
     * @description The latest first.
     */
    get: {
      parameters: {
        query?: {
          /** @description `24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it. A session belongs to the hour in which its first execution began. */
          period?: '24h' | '7d' | '30d' | '90d';
          /**
           * @description First day, UTC, in place of `period`.
           * @example 2026-03-06
           */
          start_date?: string;
          /** @description Last day, UTC, included. Default: today. */
          end_date?: string;
          /** @description From the hour of this RFC 3339 time, in place of `period` and `start_date`. Default: 7 days before the end. */
          start_time?: string;
          /** @description Up to this RFC 3339 time, excluded, in whole hours. Default, and at most: the end of the current hour. */
          end_time?: string;
          /** @description Only sessions in which this agent ran. */
          agent_id?: string;
          /** @description Only of this user. */
          user_id?: string;
          /** @description Only in this state now. */
          status?: 'active' | 'completed' | 'failed';
          /** @description Sessions per page. */
          limit?: number;
          /** @description `next_cursor` of the previous page. */
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              sessions: {
                /** @description The session. */
                session_id: string;
                /**
                 * Format: date-time
                 * @description Start of its first execution.
                 */
                started_at: string;
                /** @description Last end of an execution; null while it is active. */
                ended_at: string | null;
                /** @description From its first start to its last end so far. */
                duration_sec: number;
                /** @description Executions, nested ones included. */
                executions: number;
                /** @description Steps of all of them. */
                steps: number;
                /** @description Ids of its agents in the order in which they first ran, at most 100. */
                agents: string[];
                /** @description Their names in the same order; the id of one without. */
                agent_names: string[];
                user_id: string | null;
                environment: string | null;
                /**
                 * @description `completed`: it has ended, and its last top-level execution succeeded.
                 * @enum {string}
                 */
                status: 'active' | 'completed' | 'failed';
                /** @description Input and output. */
                total_tokens: number;
                /** @description Without unpriced executions; null if none has a price. USD, at most 6 decimals. */
                total_cost: number | null;
                /** @description Executions without a known cost. */
                unpriced_executions: number;
                /** @description Its steps: a tool call by its tool, another by its type, equal neighbours as one. After 30 steps it is cut and ends with `…`. */
                flow: string[];
                /**
                 * @description The session has at least 10000 executions, and only so many count. Left out otherwise.
                 * @enum {boolean}
                 */
                truncated?: true;
              }[];
              /** @description Null on the last page. */
              next_cursor: string | null;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/sessions/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Figures of sessions
     * @description With `agent_id`, of the sessions in which that agent ran, as a whole. Means include active sessions as they are now.
     */
    get: {
      parameters: {
        query?: {
          /** @description `24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it. A session belongs to the hour in which its first execution began. */
          period?: '24h' | '7d' | '30d' | '90d';
          /**
           * @description First day, UTC, in place of `period`.
           * @example 2026-03-06
           */
          start_date?: string;
          /** @description Last day, UTC, included. Default: today. */
          end_date?: string;
          /** @description From the hour of this RFC 3339 time, in place of `period` and `start_date`. Default: 7 days before the end. */
          start_time?: string;
          /** @description Up to this RFC 3339 time, excluded, in whole hours. Default, and at most: the end of the current hour. */
          end_time?: string;
          /** @description Only sessions in which this agent ran. */
          agent_id?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              period: {
                /** @description Null if dates were given. */
                name: ('24h' | '7d' | '30d' | '90d') | null;
                /**
                 * Format: date-time
                 * @description Start, included.
                 */
                start: string;
                /**
                 * Format: date-time
                 * @description End, excluded.
                 */
                end: string;
              };
              /** @description Sessions that began in the period. */
              total_sessions: number;
              /** @description Those that are active now. */
              active_sessions: number;
              /** @description Those that have ended. */
              ended_sessions: number;
              /** @description Mean time from the first start to the last end of a session. Null without sessions. */
              avg_duration_sec: number | null;
              /** @description Mean number of steps. Null without sessions. */
              avg_steps: number | null;
              /** @description Mean number of executions, nested ones included. Null without sessions. */
              avg_executions: number | null;
              /** @description Share of ended sessions whose last top-level execution succeeded. Percent, 0 to 100; null if nothing was counted. */
              completion_rate: number | null;
              /** @description Executions of the period that name no session. */
              executions_without_session: number;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/sessions/flows': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The most common flows of sessions
     * @description With `agent_id`, flows of the runs of that agent alone. Of each hour and day the 1000 most common flows are kept apart; rarer ones count as other.
     */
    get: {
      parameters: {
        query?: {
          /** @description `24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it. A session belongs to the hour in which its first execution began. */
          period?: '24h' | '7d' | '30d' | '90d';
          /**
           * @description First day, UTC, in place of `period`.
           * @example 2026-03-06
           */
          start_date?: string;
          /** @description Last day, UTC, included. Default: today. */
          end_date?: string;
          /** @description From the hour of this RFC 3339 time, in place of `period` and `start_date`. Default: 7 days before the end. */
          start_time?: string;
          /** @description Up to this RFC 3339 time, excluded, in whole hours. Default, and at most: the end of the current hour. */
          end_time?: string;
          /** @description Only sessions in which this agent ran. */
          agent_id?: string;
          /** @description `steps`: tools and types of steps; `agents`: names of the agents that run. */
          of?: 'steps' | 'agents';
          /** @description Flows. */
          limit?: number;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              period: {
                /** @description Null if dates were given. */
                name: ('24h' | '7d' | '30d' | '90d') | null;
                /**
                 * Format: date-time
                 * @description Start, included.
                 */
                start: string;
                /**
                 * Format: date-time
                 * @description End, excluded.
                 */
                end: string;
              };
              /** @description Sessions that began in the period. */
              total_sessions: number;
              /** @description The most common first. */
              common_flows: {
                /** @description In their order, equal neighbours as one. After 30 it is cut and ends with `…`. */
                steps: string[];
                /** @description Sessions. */
                count: number;
                /** @description Share of all sessions. Percent, 0 to 100; null if nothing was counted. */
                share: number | null;
                /** @description Mean duration of the sessions. Null if there are none. */
                avg_duration_ms: number | null;
                /** @description Share of the ended ones whose last top-level execution succeeded. Percent, 0 to 100; null if nothing was counted. */
                completion_rate: number | null;
              }[];
              /** @description Sessions with any other flow. */
              other: {
                /** @description Sessions. */
                count: number;
                /** @description Share of all sessions. Percent, 0 to 100; null if nothing was counted. */
                share: number | null;
              };
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/sessions/dropoff': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Where sessions end
     * @description With `agent_id`, by the flow of the runs of that agent alone.
     */
    get: {
      parameters: {
        query?: {
          /** @description `24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it. A session belongs to the hour in which its first execution began. */
          period?: '24h' | '7d' | '30d' | '90d';
          /**
           * @description First day, UTC, in place of `period`.
           * @example 2026-03-06
           */
          start_date?: string;
          /** @description Last day, UTC, included. Default: today. */
          end_date?: string;
          /** @description From the hour of this RFC 3339 time, in place of `period` and `start_date`. Default: 7 days before the end. */
          start_time?: string;
          /** @description Up to this RFC 3339 time, excluded, in whole hours. Default, and at most: the end of the current hour. */
          end_time?: string;
          /** @description Only sessions in which this agent ran. */
          agent_id?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              period: {
                /** @description Null if dates were given. */
                name: ('24h' | '7d' | '30d' | '90d') | null;
                /**
                 * Format: date-time
                 * @description Start, included.
                 */
                start: string;
                /**
                 * Format: date-time
                 * @description End, excluded.
                 */
                end: string;
              };
              /** @description Sessions that began in the period, active ones and those without steps included. */
              total_sessions: number;
              steps: {
                /** @description Place in the flow. */
                number: number;
                /** @description Ended sessions that reached it. */
                reached: number;
                /** @description Those whose last step it was, and that completed. */
                completed: number;
                /** @description Those whose last step it was, and that failed. */
                dropped: number;
                /** @description 100 less the drop rate. Percent, 0 to 100; null if nothing was counted. */
                completion_rate: number | null;
                /** @description Share of those that reached it that dropped. Percent, 0 to 100; null if nothing was counted. */
                drop_rate: number | null;
                /** @description What the step was for those whose last one it was, the most frequent first; at most 5. */
                top_last_steps: {
                  step: string;
                  /** @description Sessions. */
                  count: number;
                }[];
              }[];
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/sessions/funnel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A funnel of steps
     * @description Sessions that did the first step, those of them that did the second one later, and so on; other steps may lie between. Equal steps in a row are one. The first 200 steps of a session are looked at; with `agent_id`, those of that agent. Of more than 25000 sessions, those with flows that are kept are counted; medians and the other sessions are estimated by a sample.
     */
    get: {
      parameters: {
        query: {
          /** @description `24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it. A session belongs to the hour in which its first execution began. */
          period?: '24h' | '7d' | '30d' | '90d';
          /**
           * @description First day, UTC, in place of `period`.
           * @example 2026-03-06
           */
          start_date?: string;
          /** @description Last day, UTC, included. Default: today. */
          end_date?: string;
          /** @description From the hour of this RFC 3339 time, in place of `period` and `start_date`. Default: 7 days before the end. */
          start_time?: string;
          /** @description Up to this RFC 3339 time, excluded, in whole hours. Default, and at most: the end of the current hour. */
          end_time?: string;
          /** @description Only sessions in which this agent ran. */
          agent_id?: string;
          /** @description 2 to 10 steps, separated by commas: tools by their name, others by their type. Repeat the parameter for names with a comma. */
          steps: string[];
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              period: {
                /** @description Null if dates were given. */
                name: ('24h' | '7d' | '30d' | '90d') | null;
                /**
                 * Format: date-time
                 * @description Start, included.
                 */
                start: string;
                /**
                 * Format: date-time
                 * @description End, excluded.
                 */
                end: string;
              };
              steps: {
                step: string;
                /** @description Sessions that did it after the steps before it. */
                sessions: number;
                /** @description Share of the sessions of the first step. Percent, 0 to 100; null if nothing was counted. */
                conversion_rate: number | null;
                /** @description Share of the sessions of the step before. Percent, 0 to 100; null if nothing was counted. */
                from_previous_rate: number | null;
                /** @description Median time since the step before. Null if there are none. */
                median_ms_from_previous: number | null;
              }[];
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/tools': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Calls, success, durations, cost and errors of tools */
    get: {
      parameters: {
        query?: {
          /** @description Only calls of this agent. */
          agent_id?: string;
          /** @description Tools at most. */
          limit?: number;
          /** @description `24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it. */
          period?: '24h' | '7d' | '30d' | '90d';
          /**
           * @description First day, UTC, in place of `period`.
           * @example 2026-03-06
           */
          start_date?: string;
          /** @description Last day, UTC, included. Default: today. */
          end_date?: string;
          /** @description From the hour of this RFC 3339 time, in place of `period` and `start_date`. Default: 7 days before the end. */
          start_time?: string;
          /** @description Up to this RFC 3339 time, excluded, in whole hours. Default, and at most: the end of the current hour. */
          end_time?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              period: {
                /** @description Null if dates were given. */
                name: ('24h' | '7d' | '30d' | '90d') | null;
                /**
                 * Format: date-time
                 * @description Start, included.
                 */
                start: string;
                /**
                 * Format: date-time
                 * @description End, excluded.
                 */
                end: string;
              };
              /** @description Most called first. */
              tools: {
                name: string | null;
                /** @description Calls. */
                call_count: number;
                /** @description Share of the calls with a known outcome that succeeded. Percent, 0 to 100; null if nothing was counted. */
                success_rate: number | null;
                /** @description Mean of the calls with a duration. Null if there are none. */
                avg_duration_ms: number | null;
                /** @description 95th percentile of the same. Null if there are none. */
                p95_duration_ms: number | null;
                /** @description As reported, or by the price of the tool; null if neither is known of any of the calls. USD, at most 6 decimals. */
                cost: number | null;
                /** @description Agents that called it. */
                agents: number;
                /** @description The last call that failed; null if none did. */
                last_error: {
                  /**
                   * Format: date-time
                   * @description Start of the call, or of its execution.
                   */
                  at: string;
                  /** @description Its execution. */
                  execution_id: string;
                  /** @description Content of the step; its status where that is not kept. */
                  message: string;
                } | null;
              }[];
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/team': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Users, agents, executions and cost of the organization */
    get: {
      parameters: {
        query?: {
          /** @description The organization of the token; another one is refused. */
          org_id?: string;
          /** @description `24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it. */
          period?: '24h' | '7d' | '30d' | '90d';
          /**
           * @description First day, UTC, in place of `period`.
           * @example 2026-03-06
           */
          start_date?: string;
          /** @description Last day, UTC, included. Default: today. */
          end_date?: string;
          /** @description From the hour of this RFC 3339 time, in place of `period` and `start_date`. Default: 7 days before the end. */
          start_time?: string;
          /** @description Up to this RFC 3339 time, excluded, in whole hours. Default, and at most: the end of the current hour. */
          end_time?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /** @description The organization. */
              org_id: string;
              period: {
                /** @description Null if dates were given. */
                name: ('24h' | '7d' | '30d' | '90d') | null;
                /**
                 * Format: date-time
                 * @description Start, included.
                 */
                start: string;
                /**
                 * Format: date-time
                 * @description End, excluded.
                 */
                end: string;
              };
              /** @description Users in the directory. */
              total_users: number;
              /** @description Agents in the directory, without deleted ones. */
              total_agents: number;
              /** @description Users on whose behalf at least one execution ran. */
              active_users: number;
              /** @description Agents with at least one execution. */
              active_agents: number;
              /** @description Top-level executions, including running ones. */
              total_executions: number;
              /** @description Executions that other executions have called. */
              nested_executions: number;
              /** @description Share of finished top-level executions that succeeded. Percent, 0 to 100; null if nothing was counted. */
              success_rate: number | null;
              /** @description Input and output, of all executions. */
              total_tokens: number;
              /** @description Models, tools and cost items, without unpriced executions. USD, at most 6 decimals. */
              total_cost: number;
              /** @description Executions without a known cost, nested ones included. */
              unpriced_executions: number;
              /** @description The same of the period before. */
              previous: {
                /** @description Users on whose behalf at least one execution ran. */
                active_users: number;
                /** @description Agents with at least one execution. */
                active_agents: number;
                /** @description Top-level executions, including running ones. */
                total_executions: number;
                /** @description Executions that other executions have called. */
                nested_executions: number;
                /** @description Share of finished top-level executions that succeeded. Percent, 0 to 100; null if nothing was counted. */
                success_rate: number | null;
                /** @description Input and output, of all executions. */
                total_tokens: number;
                /** @description Models, tools and cost items, without unpriced executions. USD, at most 6 decimals. */
                total_cost: number;
                /** @description Executions without a known cost, nested ones included. */
                unpriced_executions: number;
              };
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/users/activity': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Executions, tokens and cost by user, page by page */
    get: {
      parameters: {
        query?: {
          /** @description The organization of the token; another one is refused. */
          org_id?: string;
          /** @description Users per page. */
          limit?: number;
          /** @description `next_cursor` of the previous page. */
          cursor?: string;
          /** @description `24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it. */
          period?: '24h' | '7d' | '30d' | '90d';
          /**
           * @description First day, UTC, in place of `period`.
           * @example 2026-03-06
           */
          start_date?: string;
          /** @description Last day, UTC, included. Default: today. */
          end_date?: string;
          /** @description From the hour of this RFC 3339 time, in place of `period` and `start_date`. Default: 7 days before the end. */
          start_time?: string;
          /** @description Up to this RFC 3339 time, excluded, in whole hours. Default, and at most: the end of the current hour. */
          end_time?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              period: {
                /** @description Null if dates were given. */
                name: ('24h' | '7d' | '30d' | '90d') | null;
                /**
                 * Format: date-time
                 * @description Start, included.
                 */
                start: string;
                /**
                 * Format: date-time
                 * @description End, excluded.
                 */
                end: string;
              };
              /** @description Those with an execution, most executions first. */
              users: {
                /** @description The user. */
                user_id: string;
                name: string | null;
                /** @description Agents that the user created, whenever that was. */
                agents_created: number;
                /** @description All executions, nested ones included. */
                execution_count: number;
                /** @description Share of finished executions that succeeded. Percent, 0 to 100; null if nothing was counted. */
                success_rate: number | null;
                /** @description Input and output. */
                total_tokens: number;
                /** @description Of models; null if none of the executions has a price. USD, at most 6 decimals. */
                total_cost: number | null;
                /** @description The last event or execution on behalf of the user. */
                last_active: string | null;
              }[];
              /** @description Null on the last page. */
              next_cursor: string | null;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/agents/compare': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Any metrics of two to twenty agents */
    get: {
      parameters: {
        query: {
          /** @description 2 to 20 agents, separated by commas. */
          agent_ids: string;
          /** @description Up to 20 metrics of the catalog that have the dimension agent, or their aliases. */
          metrics?: string;
          /** @description `24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it. */
          period?: '24h' | '7d' | '30d' | '90d';
          /**
           * @description First day, UTC, in place of `period`.
           * @example 2026-03-06
           */
          start_date?: string;
          /** @description Last day, UTC, included. Default: today. */
          end_date?: string;
          /** @description From the hour of this RFC 3339 time, in place of `period` and `start_date`. Default: 7 days before the end. */
          start_time?: string;
          /** @description Up to this RFC 3339 time, excluded, in whole hours. Default, and at most: the end of the current hour. */
          end_time?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              period: {
                /** @description Null if dates were given. */
                name: ('24h' | '7d' | '30d' | '90d') | null;
                /**
                 * Format: date-time
                 * @description Start, included.
                 */
                start: string;
                /**
                 * Format: date-time
                 * @description End, excluded.
                 */
                end: string;
              };
              /** @description As they were named. */
              metrics: string[];
              /** @description In the order in which they were named. */
              agents: ({
                /** @description The agent. */
                agent_id: string;
                name: string | null;
              } & {
                [key: string]: number | null;
              })[];
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Streams live figures
     * @description Server-sent events `metrics`; with `Accept: application/x-ndjson` the same as a JSON object a line. What is counted per minute arrived within the last 60 s, whenever it happened, and is at most 2 s behind a request that any replica has accepted. A comment every 15 s keeps the connection open; in NDJSON it is an empty line, if nothing else was sent for that long. At most 50 streams of a tenant are open at a time on a replica. A client that does not read misses events, and is disconnected after 30 seconds.
     */
    get: {
      parameters: {
        query?: {
          /** @description Time between two events: whole seconds, `1s` to `60s`. */
          interval?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Events until the client leaves, the token expires or the service stops. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'text/event-stream': string;
            'application/x-ndjson': {
              /**
               * Format: date-time
               * @description When the figures were read.
               */
              at: string;
              /** @description Sessions that are active now. */
              active_sessions: number;
              /** @description Executions of the top level that are running now. */
              running_executions: number;
              /** @description Executions of the top level that arrived within the last 60 s, each once. */
              executions_per_minute: number;
              /** @description Share of the executions of the top level reported as finished within the last 60 s that did not succeed. Percent, 0 to 100; null if nothing was counted. */
              current_error_rate: number | null;
              /** @description API calls that arrived within the last 60 s. */
              api_calls_per_minute: number;
              /** @description Tokens of executions of every level, as far as they arrived within the last 60 s. */
              tokens_per_minute: number;
              /** @description Their known cost. USD, at most 6 decimals. */
              cost_per_minute_usd: number;
              /** @description Alerts that are firing. */
              firing_alerts: number;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    Error: {
      /** @enum {string} */
      code:
        | 'VALIDATION_ERROR'
        | 'INVALID_DATE_RANGE'
        | 'INVALID_GRANULARITY'
        | 'TOO_LARGE'
        | 'UNAUTHORIZED'
        | 'BUDGET_EXCEEDED'
        | 'FORBIDDEN'
        | 'ANALYTICS_NOT_AVAILABLE'
        | 'NOT_FOUND'
        | 'AGENT_NOT_FOUND'
        | 'EXECUTION_NOT_FOUND'
        | 'BUDGET_NOT_FOUND'
        | 'CONFLICT'
        | 'PAYLOAD_TOO_LARGE'
        | 'UNSUPPORTED_MEDIA_TYPE'
        | 'RATE_LIMITED'
        | 'INTERNAL_ERROR'
        | 'UNAVAILABLE';
      message: string;
      details?: unknown;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
