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
    /** One execution with its children, steps and token usages */
    get: {
      parameters: {
        query?: never;
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
