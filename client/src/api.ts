// Generated from docs/openapi.yaml by `npm run generate -w client`; do not edit.
export interface paths {
  '/api/v1/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Records usage events
     * @description At most 10000 events and 16 MiB after decompression; gzip is accepted. A 200 means that they are durable. An event with an id can be sent again without changing anything. A request of which everything is rejected is answered with 400, and `details.rejected` is the list.
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
            events: {
              /**
               * Format: uuid
               * @description Makes retries safe. One that is not a UUIDv7 requires occurredAt. Default: a new id.
               */
              id?: string;
              /**
               * Format: date-time
               * @description RFC 3339. Default: the time of an id that is a UUIDv7, otherwise now.
               */
              occurredAt?: string;
              /** @description Null for an event of the tenant itself. */
              agentId?: string | null;
              /** @description Renames the agent. */
              agentName?: string | null;
              /** @enum {string} */
              metricType: 'api_calls' | 'token_issuances' | 'token_failures' | 'credential_rotations';
              /** @default 1 */
              count?: number;
              /** @description Such as "GET /agents/17?x=1"; ids and the query string are removed. */
              endpoint?: string | null;
              status?: number | null;
              durationMs?: number | null;
              userId?: string | null;
              /** @description Renames the user. */
              userName?: string | null;
              /** @description Deployment environment, such as `production`. */
              environment?: string | null;
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
              /** @description New events, durable now. */
              accepted: number;
              /** @description Events that were known before. */
              duplicates: number;
              rejected: {
                /** @description Position in the request. */
                index: number;
                /** @enum {string} */
                code: 'VALIDATION_ERROR' | 'EVENT_TOO_OLD' | 'EVENT_IN_FUTURE';
                message: string;
              }[];
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
  '/api/v1/executions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Records executions
     * @description At most 1000 executions and 16 MiB after decompression; gzip is accepted. An execution with a known id replaces the stored one. Arrays that are left out are kept, and `running` never replaces a finished execution. A 200 means that they are durable. A request of which everything is rejected is answered with 400, and `details.rejected` is the list.
     */
    post: {
      parameters: {
        query?: never;
        header?: {
          /** @description What may be kept of the content: `full`; `preview`, without the contents of steps; `none`. It never keeps more than CAPTURE_CONTENT does. */
          'x-capture-content'?: 'none' | 'preview' | 'full';
        };
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            executions: {
              /** @description UUID. Sending it again replaces the execution. */
              id: string;
              /** @description Id of the request that started the execution. */
              request_id?: string | null;
              /** @description Session or conversation. */
              session_id?: string | null;
              /** @description The agent; null for the tenant itself. */
              agent_id?: string | null;
              /** @description Renames the agent. */
              agent_name?: string | null;
              /** @description Replaces the tags of the agent. Left out, they stay. */
              agent_tags?: string[] | null;
              /** @description Such as `react`. */
              agent_type?: string | null;
              /** @description Flow or workflow. */
              flow_id?: string | null;
              /** @description User on whose behalf the execution ran. */
              user_id?: string | null;
              /** @description Renames the user. */
              user_name?: string | null;
              /** @description Such as `openai`. */
              provider?: string | null;
              /** @description Such as `gpt-4o`. */
              model_name?: string | null;
              /** @enum {string} */
              status: 'running' | 'success' | 'failure' | 'timeout' | 'blocked';
              /**
               * Format: date-time
               * @description RFC 3339. Determines the hour to which the execution belongs.
               */
              started_at: string;
              /**
               * Format: date-time
               * @description RFC 3339.
               */
              completed_at?: string | null;
              /** @description Default: the time from started_at to completed_at. */
              execution_time_ms?: number | null;
              /** @description Part of the duration that model calls took. */
              llm_time_ms?: number | null;
              /** @description Including tokens read from and written to a cache. */
              input_tokens?: number | null;
              /** @description Including reasoning tokens. */
              output_tokens?: number | null;
              /** @description Sum of input and output; checked if it is sent. */
              total_tokens?: number | null;
              /** @description Part of the input, read from a cache. */
              cached_input_tokens?: number | null;
              /** @description Part of the input, written to a cache. */
              cache_write_tokens?: number | null;
              /** @description Part of the output. */
              reasoning_tokens?: number | null;
              /** @description Part of the tokens written to a cache: those that it keeps for an hour. */
              cache_write_1h_tokens?: number | null;
              /** @description Part of the input that is audio. */
              input_audio_tokens?: number | null;
              /** @description Part of the output that is audio. */
              output_audio_tokens?: number | null;
              /**
               * @description Service tier of the provider, which decides the price. Default: `standard`.
               * @enum {string|null}
               */
              service_tier?: 'standard' | 'batch' | 'flex' | 'priority' | null;
              /** @description USD. Takes precedence over prices. */
              cost_usd?: number | null;
              /**
               * @description Source of the cost in an export that is imported again: `computed` and `unpriced` stay what they are until an own price covers the model. Default: a `cost_usd` that is sent is `reported`.
               * @enum {string|null}
               */
              cost_source?: 'reported' | 'computed' | 'unpriced' | null;
              /** @description Truncated to 100 characters. */
              query_preview?: string | null;
              /** @description Kind of failure. */
              error_type?: string | null;
              error_message?: string | null;
              tags?: string[] | null;
              /** @description Reservation that the execution settles. */
              reservation_id?: string | null;
              /** @description Deployment environment, such as `production`. */
              environment?: string | null;
              /** @description Trace of the execution, such as a W3C trace id. */
              trace_id?: string | null;
              /** @description Execution that called this one. Without it, the execution is at the top level. */
              parent_execution_id?: string | null;
              /** @description Service that ran it, as `service.name` of OpenTelemetry. */
              service_name?: string | null;
              /** @description Version of the service. */
              service_version?: string | null;
              steps?:
                | {
                    /** @description Position of the step, which identifies it. */
                    step_number: number;
                    /** @enum {string} */
                    step_type: 'thought' | 'action' | 'observation' | 'tool_call' | 'final_answer';
                    /** @description Truncated to 16 KiB. */
                    content?: string | null;
                    /** @description Tool that was called. */
                    tool_name?: string | null;
                    /** @enum {string|null} */
                    status?: 'running' | 'success' | 'failure' | 'timeout' | 'blocked' | null;
                    /** @description Including tokens read from and written to a cache. */
                    input_tokens?: number | null;
                    /** @description Including reasoning tokens. */
                    output_tokens?: number | null;
                    /** @description Duration. */
                    duration_ms?: number | null;
                    /** @description What the call of a tool has cost, USD. Takes precedence over the price of the tool. */
                    cost_usd?: number | null;
                    /**
                     * Format: date-time
                     * @description Start of the step.
                     */
                    timestamp?: string | null;
                  }[]
                | null;
              token_usages?:
                | {
                    /** @description Makes appending it again harmless. Default: component, model, step_number and the place among equals. */
                    id?: string | null;
                    /** @description `main_agent`, `sub_agent`, `tool_call` or any other word. */
                    component: string;
                    /** @description Such as `openai`. */
                    provider?: string | null;
                    /** @description Such as `gpt-4o`. */
                    model?: string | null;
                    /** @description Including tokens read from and written to a cache. */
                    input_tokens?: number | null;
                    /** @description Including reasoning tokens. */
                    output_tokens?: number | null;
                    /** @description Sum of input and output; checked if it is sent. */
                    total_tokens?: number | null;
                    /** @description Part of the input, read from a cache. */
                    cached_input_tokens?: number | null;
                    /** @description Part of the input, written to a cache. */
                    cache_write_tokens?: number | null;
                    /** @description Part of the output. */
                    reasoning_tokens?: number | null;
                    /** @description Part of the tokens written to a cache: those that it keeps for an hour. */
                    cache_write_1h_tokens?: number | null;
                    /** @description Part of the input that is audio. */
                    input_audio_tokens?: number | null;
                    /** @description Part of the output that is audio. */
                    output_audio_tokens?: number | null;
                    /**
                     * @description Service tier of the provider, which decides the price. Default: that of the execution.
                     * @enum {string|null}
                     */
                    service_tier?: 'standard' | 'batch' | 'flex' | 'priority' | null;
                    /** @description USD. Takes precedence over prices. */
                    cost_usd?: number | null;
                    /**
                     * @description Source of the cost in an export that is imported again: `computed` and `unpriced` stay what they are until an own price covers the model. Default: a `cost_usd` that is sent is `reported`.
                     * @enum {string|null}
                     */
                    cost_source?: 'reported' | 'computed' | 'unpriced' | null;
                    /** @description The step that used the tokens. */
                    step_number?: number | null;
                  }[]
                | null;
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
              /** @description Executions that were new or changed something, durable now. */
              accepted: number;
              /** @description Executions that changed nothing. */
              duplicates: number;
              rejected: {
                /** @description Position in the request. */
                index: number;
                /** @enum {string} */
                code: 'VALIDATION_ERROR' | 'EXECUTION_TOO_OLD' | 'EXECUTION_IN_FUTURE';
                message: string;
              }[];
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
  '/api/v1/executions/{id}/steps': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Appends steps to an execution
     * @description At most 10000 steps and 16 MiB after decompression; gzip is accepted. A step with the same number is replaced. A request of which everything is rejected is answered with 400, and `details.rejected` is the list.
     */
    post: {
      parameters: {
        query?: never;
        header?: {
          /** @description What may be kept of the content: `full`; `preview`, without the contents of steps; `none`. It never keeps more than CAPTURE_CONTENT does. */
          'x-capture-content'?: 'none' | 'preview' | 'full';
        };
        path: {
          /** @description The execution. */
          id: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            steps: {
              /** @description Position of the step, which identifies it. */
              step_number: number;
              /** @enum {string} */
              step_type: 'thought' | 'action' | 'observation' | 'tool_call' | 'final_answer';
              /** @description Truncated to 16 KiB. */
              content?: string | null;
              /** @description Tool that was called. */
              tool_name?: string | null;
              /** @enum {string|null} */
              status?: 'running' | 'success' | 'failure' | 'timeout' | 'blocked' | null;
              /** @description Including tokens read from and written to a cache. */
              input_tokens?: number | null;
              /** @description Including reasoning tokens. */
              output_tokens?: number | null;
              /** @description Duration. */
              duration_ms?: number | null;
              /** @description What the call of a tool has cost, USD. Takes precedence over the price of the tool. */
              cost_usd?: number | null;
              /**
               * Format: date-time
               * @description Start of the step.
               */
              timestamp?: string | null;
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
              /** @description Steps that were new or changed something, durable now. */
              accepted: number;
              /** @description Steps that changed nothing. */
              duplicates: number;
              rejected: {
                /** @description Position in the request. */
                index: number;
                /** @enum {string} */
                code: 'VALIDATION_ERROR' | 'EXECUTION_TOO_OLD' | 'EXECUTION_IN_FUTURE';
                message: string;
              }[];
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
  '/api/v1/executions/{id}/token-usages': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Appends token usages to an execution
     * @description At most 10000 token usages and 16 MiB after decompression; gzip is accepted. A usage replaces one with the same `id`; without an id, one with the same component, model, step_number and position among equal ones in the request. A request of which everything is rejected is answered with 400, and `details.rejected` is the list.
     */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The execution. */
          id: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            token_usages: {
              /** @description Makes appending it again harmless. Default: component, model, step_number and the place among equals. */
              id?: string | null;
              /** @description `main_agent`, `sub_agent`, `tool_call` or any other word. */
              component: string;
              /** @description Such as `openai`. */
              provider?: string | null;
              /** @description Such as `gpt-4o`. */
              model?: string | null;
              /** @description Including tokens read from and written to a cache. */
              input_tokens?: number | null;
              /** @description Including reasoning tokens. */
              output_tokens?: number | null;
              /** @description Sum of input and output; checked if it is sent. */
              total_tokens?: number | null;
              /** @description Part of the input, read from a cache. */
              cached_input_tokens?: number | null;
              /** @description Part of the input, written to a cache. */
              cache_write_tokens?: number | null;
              /** @description Part of the output. */
              reasoning_tokens?: number | null;
              /** @description Part of the tokens written to a cache: those that it keeps for an hour. */
              cache_write_1h_tokens?: number | null;
              /** @description Part of the input that is audio. */
              input_audio_tokens?: number | null;
              /** @description Part of the output that is audio. */
              output_audio_tokens?: number | null;
              /**
               * @description Service tier of the provider, which decides the price. Default: that of the execution.
               * @enum {string|null}
               */
              service_tier?: 'standard' | 'batch' | 'flex' | 'priority' | null;
              /** @description USD. Takes precedence over prices. */
              cost_usd?: number | null;
              /**
               * @description Source of the cost in an export that is imported again: `computed` and `unpriced` stay what they are until an own price covers the model. Default: a `cost_usd` that is sent is `reported`.
               * @enum {string|null}
               */
              cost_source?: 'reported' | 'computed' | 'unpriced' | null;
              /** @description The step that used the tokens. */
              step_number?: number | null;
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
              /** @description Token usages that were new or changed something, durable now. */
              accepted: number;
              /** @description Token usages that changed nothing. */
              duplicates: number;
              rejected: {
                /** @description Position in the request. */
                index: number;
                /** @enum {string} */
                code: 'VALIDATION_ERROR' | 'EXECUTION_TOO_OLD' | 'EXECUTION_IN_FUTURE';
                message: string;
              }[];
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
  '/api/v1/analytics/budgets/reservations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Reserves budget for an execution
     * @description The amount is held until the finished execution with this `reservation_id` arrives, the reservation is deleted, or it expires. Concurrent callers are queued, and only those that fit succeed. If the details of a 503 have a `reservation_id`, the database did not confirm that reservation: it may exist until its `expires_at`, or until it is deleted. After any other 503 nothing is reserved.
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
            /** @description The agent whose budgets apply, beside the global ones. */
            agent_id?: string | null;
            /** @description The user whose budgets apply. */
            user_id?: string | null;
            /** @description The flow whose budgets apply. */
            flow_id?: string | null;
            /** @description USD. */
            estimated_cost_usd: number;
            /**
             * @description The reservation expires after this time.
             * @default 900
             */
            ttl_seconds?: number;
          };
        };
      };
      responses: {
        /** @description Default Response */
        201: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /** @description UUID, for `reservation_id` of the execution. */
              id: string;
              /**
               * Format: date-time
               * @description When the reservation expires.
               */
              expires_at: string;
              /** @description The active budgets that apply. */
              budgets: {
                /** @description UUID. */
                id: string;
                name: string | null;
                /**
                 * @description `hard_stop` also refuses reservations that would exceed the threshold.
                 * @default warning
                 * @enum {string}
                 */
                alert_type: 'warning' | 'hard_stop';
                /** @description The most that may be spent in the period. USD, at most 6 decimals. */
                threshold_usd: number;
                /** @description Spent within the period. Unpriced executions count with the estimates of their reservations. USD, at most 6 decimals. */
                current_spend_usd: number;
                /** @description Held by open reservations, including this one. USD, at most 6 decimals. */
                reserved_usd: number;
              }[];
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
  '/api/v1/analytics/budgets/reservations/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Releases a reservation
     * @description A reservation that its execution has settled no longer holds anything.
     */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The reservation. */
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Deleted. */
        204: {
          headers: {
            [name: string]: unknown;
          };
          content?: never;
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/summary': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Headline figures of a period and of the previous one */
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
  '/api/v1/analytics/agents/{id}/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Figures of one agent and of the previous period */
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
          /** @description From the hour of this RFC 3339 time, in place of `period` and `start_date`. Default: 7 days before the end. */
          start_time?: string;
          /** @description Up to this RFC 3339 time, excluded, in whole hours. Default, and at most: the end of the current hour. */
          end_time?: string;
        };
        header?: never;
        path: {
          /** @description The agent. */
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
              /** @description The agent. */
              agent_id: string;
              agent_name: string | null;
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
              /** @description All executions of the agent, nested ones included. */
              execution_count: number;
              /** @description Share of finished executions that succeeded. Percent, 0 to 100; null if nothing was counted. */
              success_rate: number | null;
              /** @description Share of finished executions that failed, timed out or were blocked. Percent, 0 to 100; null if nothing was counted. */
              error_rate: number | null;
              /** @description Mean. Null if there are none. */
              avg_duration_ms: number | null;
              /** @description Median. Null if there are none. */
              p50_duration_ms: number | null;
              /** @description 95th percentile. Null if there are none. */
              p95_duration_ms: number | null;
              /** @description 99th percentile. Null if there are none. */
              p99_duration_ms: number | null;
              /** @description Mean input and output tokens of the finished executions. */
              avg_tokens: number | null;
              /** @description Mean of the finished executions. */
              avg_steps: number | null;
              /** @description Input and output. */
              total_tokens: number;
              /** @description Models, tools and cost items; null if none of the executions has a price. USD, at most 6 decimals. */
              total_cost: number | null;
              /** @description Executions without a known cost. */
              unpriced_executions: number;
              /** @description The same of the period before. */
              previous: {
                /** @description All executions of the agent, nested ones included. */
                execution_count: number;
                /** @description Share of finished executions that succeeded. Percent, 0 to 100; null if nothing was counted. */
                success_rate: number | null;
                /** @description Share of finished executions that failed, timed out or were blocked. Percent, 0 to 100; null if nothing was counted. */
                error_rate: number | null;
                /** @description Mean. Null if there are none. */
                avg_duration_ms: number | null;
                /** @description Median. Null if there are none. */
                p50_duration_ms: number | null;
                /** @description 95th percentile. Null if there are none. */
                p95_duration_ms: number | null;
                /** @description 99th percentile. Null if there are none. */
                p99_duration_ms: number | null;
                /** @description Mean input and output tokens of the finished executions. */
                avg_tokens: number | null;
                /** @description Mean of the finished executions. */
                avg_steps: number | null;
                /** @description Input and output. */
                total_tokens: number;
                /** @description Models, tools and cost items; null if none of the executions has a price. USD, at most 6 decimals. */
                total_cost: number | null;
                /** @description Executions without a known cost. */
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
  '/api/v1/analytics/agents/{id}/errors': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Failed executions of one agent by type of error */
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
          /** @description From the hour of this RFC 3339 time, in place of `period` and `start_date`. Default: 7 days before the end. */
          start_time?: string;
          /** @description Up to this RFC 3339 time, excluded, in whole hours. Default, and at most: the end of the current hour. */
          end_time?: string;
        };
        header?: never;
        path: {
          /** @description The agent. */
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
              /** @description The agent. */
              agent_id: string;
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
              /** @description Executions that failed, timed out or were blocked. */
              total: number;
              /** @description Most frequent first. Types beyond 1,000 are `other`, the last. */
              by_type: {
                /** @description `unknown` for failed executions without a type. */
                type: string;
                /** @description Failed executions. */
                count: number;
                /** @description Share of the failed executions. Percent, 0 to 100; null if nothing was counted. */
                percentage: number | null;
                /** @description Start of the last one; null once it is no longer kept. */
                last_seen_at: string | null;
                /** @description The last one. */
                last_execution_id: string | null;
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
  '/api/v1/analytics/usage': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** API calls by outcome and endpoint */
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
              /** @description All calls. */
              total_calls: number;
              /** @description Calls with a status below 400, or without one. */
              successful_calls: number;
              /** @description Calls with a status of 400 or more, other than 429. */
              failed_calls: number;
              /** @description Calls with status 429. */
              rate_limited_calls: number;
              /** @description Most called first. */
              by_endpoint: {
                /** @description The endpoint, such as `GET /agents/{id}`. */
                path: string;
                /** @description All calls. */
                call_count: number;
                /** @description Calls with a status below 400, or without one. */
                successful_calls: number;
                /** @description Calls with a status of 400 or more, other than 429. */
                failed_calls: number;
                /** @description Calls with status 429. */
                rate_limited_calls: number;
                /** @description Share of failed calls. Percent, 0 to 100; null if nothing was counted. */
                error_rate: number | null;
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
  '/api/v1/analytics/tokens/usage': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Tokens of executions by model */
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
              /** @description Input and output. */
              total_tokens: number;
              /** @description Including cached tokens. */
              input_tokens: number;
              /** @description Including reasoning tokens. */
              output_tokens: number;
              /** @description Input tokens that were read from a cache. */
              cached_input_tokens: number;
              /** @description Output tokens that were spent on reasoning. */
              reasoning_tokens: number;
              /** @description By the model of each token usage, the one with the most tokens first. The 1,000 largest, and all others together as `other`, with a null id. */
              by_model: {
                name: string | null;
                provider: string | null;
                /** @description Input and output. */
                tokens: number;
                /** @description Including cached tokens. */
                input_tokens: number;
                /** @description Including reasoning tokens. */
                output_tokens: number;
                /** @description Share of the tokens of all models. Percent, 0 to 100; null if nothing was counted. */
                share: number | null;
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
  '/api/v1/analytics/costs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Costs of models, tools, storage and others, by agent, model and tool */
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
              /** @description All costs, without unpriced executions. USD, at most 6 decimals. */
              total: number;
              /** @description Tokens of models. USD, at most 6 decimals. */
              model_costs: number;
              /** @description Tool calls, as reported or by the price of the tool. USD, at most 6 decimals. */
              tool_costs: number;
              /** @description Cost items of storage. USD, at most 6 decimals. */
              storage_costs: number;
              /** @description Other cost items. USD, at most 6 decimals. */
              other_costs: number;
              /** @description Executions without a known cost. */
              unpriced_executions: number;
              /** @description The 1,000 largest, and all others together as `other`, with a null id. */
              by_agent: {
                agent_id: string | null;
                name: string | null;
                /** @description All costs of the agent. Null if nothing has a price. USD, at most 6 decimals. */
                cost: number | null;
                /** @description Share of the cost of all in the list. Percent, 0 to 100; null if nothing was counted. */
                share: number | null;
              }[];
              /** @description The 1,000 largest, and all others together as `other`, with a null id. */
              by_model: {
                name: string | null;
                provider: string | null;
                /** @description Tokens. Null if nothing has a price. USD, at most 6 decimals. */
                cost: number | null;
                /** @description Share of the cost of all in the list. Percent, 0 to 100; null if nothing was counted. */
                share: number | null;
              }[];
              /** @description The 1,000 largest, and all others together as `other`, with a null id. */
              by_tool: {
                name: string | null;
                /** @description Calls. */
                call_count: number;
                /** @description Calls. Null if nothing has a price. USD, at most 6 decimals. */
                cost: number | null;
                /** @description Share of the cost of all in the list. Percent, 0 to 100; null if nothing was counted. */
                share: number | null;
              }[];
              /** @description The same of the period before. */
              previous: {
                /** @description All costs, without unpriced executions. USD, at most 6 decimals. */
                total: number;
                /** @description Tokens of models. USD, at most 6 decimals. */
                model_costs: number;
                /** @description Tool calls, as reported or by the price of the tool. USD, at most 6 decimals. */
                tool_costs: number;
                /** @description Cost items of storage. USD, at most 6 decimals. */
                storage_costs: number;
                /** @description Other cost items. USD, at most 6 decimals. */
                other_costs: number;
                /** @description Executions without a known cost. */
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
  '/api/v1/analytics/costs/trends': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Costs by day, week or month */
    get: {
      parameters: {
        query?: {
          /** @description Weeks are ISO weeks. */
          granularity?: 'daily' | 'weekly' | 'monthly';
          /** @description Adds `groups`. */
          group_by?: 'agent' | 'model' | 'environment';
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
              /**
               * @description Weeks are ISO weeks.
               * @default daily
               * @enum {string}
               */
              granularity: 'daily' | 'weekly' | 'monthly';
              /** @description Every bucket, those without costs included; only what lies within the period counts. */
              data: {
                /**
                 * Format: date
                 * @description First day of the bucket; of the first week or month it may lie before the period.
                 * @example 2026-03-06
                 */
                date: string;
                /** @description All costs, without unpriced executions. USD, at most 6 decimals. */
                cost: number;
                /** @description Tokens of models. USD, at most 6 decimals. */
                model_costs: number;
                /** @description Tool calls. USD, at most 6 decimals. */
                tool_costs: number;
                /** @description Cost items of storage. USD, at most 6 decimals. */
                storage_costs: number;
                /** @description Other cost items. USD, at most 6 decimals. */
                other_costs: number;
                /** @description The 20 largest of the period, and `other`, where `group_by` is given. They add up to the cost of the bucket. With a null id and name it is what belongs to no agent, model or environment: by model also tools and cost items, less what models have cost in executions without a known cost; by environment also cost items. */
                groups?: {
                  id: string | null;
                  name: string | null;
                  /** @description All costs of the group. USD, at most 6 decimals. */
                  cost: number;
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
  '/api/v1/analytics/costs/recommendations/{id}/dismiss': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Dismisses a recommendation
     * @description It stays in the list as dismissed and does not count to the total, until its savings change by more than a quarter, or until a given time.
     */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The recommendation. */
          id: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            /** @description When it comes back: an RFC 3339 time that exists, such as 2026-03-06T09:15:00Z. Default: not by time. */
            until?: string | null;
            reason?: string | null;
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
    /**
     * Creates a report
     * @description At most 100 per tenant. It needs a template or metrics.
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
            /** @description Default: the title of the template. */
            name?: string;
            /** @description Null for a report of `metrics` alone. */
            template?:
              | ('executive_summary' | 'performance_report' | 'cost_report' | 'error_report' | 'usage_report')
              | null;
            /** @description Metrics of the catalog, in addition to those of the template. */
            metrics?: string[];
            /** @description A dimension, or a list of them. */
            group_by?: string | string[];
            filters?: {
              agent_tags?: string[];
              agent_ids?: string[];
              environments?: string[];
              /**
               * @description The last whole days in the time zone; `24h` is the last one.
               * @default 7d
               * @enum {string}
               */
              period?: '24h' | '7d' | '30d' | '90d';
            };
            /** @description daily, weekly, monthly, at 07:00, or a cron expression of five fields, in the time zone. A weekly report is of Monday, a monthly one of the 1st. Null: only when it is asked for. */
            schedule?: string | null;
            /**
             * @description IANA name.
             * @default UTC
             */
            time_zone?: string;
            /** @description Email addresses. */
            recipients?: string[];
            /** @description Names of channels. */
            channels?: string[];
          };
        };
      };
      responses: {
        /** @description Default Response */
        201: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
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
  '/api/v1/analytics/reports/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** One report */
    get: {
      parameters: {
        query?: never;
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
  '/api/v1/analytics/reports/{id}/run': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Runs a report now, and sends it
     * @description The run is of the last whole days. At most 2 runs of a tenant are at work at a time, and 20 may wait.
     */
    post: {
      parameters: {
        query?: never;
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
        202: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
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
  '/api/v1/analytics/reports/{id}/runs/{run}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One run of a report
     * @description As JSON, HTML or CSV. HTML and CSV are there once the run is done. In CSV, a cell that a spreadsheet would run as a formula begins with an apostrophe.
     */
    get: {
      parameters: {
        query?: {
          format?: 'json' | 'html' | 'csv';
        };
        header?: never;
        path: {
          /** @description The report. */
          id: string;
          /** @description The run. */
          run: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description The run in the format that was asked for. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
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
              report: {
                title: string;
                template: string | null;
                description: string;
                time_zone: string;
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
                  /**
                   * Format: date
                   * @description In the time zone of the report.
                   */
                  first_day: string;
                  /**
                   * Format: date
                   * @description Included.
                   */
                  last_day: string;
                };
                previous_period: {
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
                  /**
                   * Format: date
                   * @description In the time zone of the report.
                   */
                  first_day: string;
                  /**
                   * Format: date
                   * @description Included.
                   */
                  last_day: string;
                };
                filters: {
                  agent_tags?: string[];
                  agent_ids?: string[];
                  environments?: string[];
                  /** @enum {string} */
                  period: '24h' | '7d' | '30d' | '90d';
                };
                /** @description The filters in words, agents by their names. */
                about: string[];
                figures: {
                  title: string;
                  /** @description Of the catalog. */
                  metric: string;
                  /** @description Grafana's id of the unit. */
                  unit: string;
                  /** @description Null if nothing was counted. */
                  value: number | null;
                  /** @description Of the period before. */
                  previous: number | null;
                  /** @description Percent of the period before; for a rate in percentage points. Null if there is no comparison. */
                  change: number | null;
                }[];
                charts: {
                  title: string;
                  metric: string;
                  /** @description Grafana's id of the unit. */
                  unit: string;
                  points: {
                    /**
                     * Format: date-time
                     * @description Begin of the day.
                     */
                    time: string;
                    day: string;
                    /** @description Null if nothing was counted. */
                    value: number | null;
                  }[];
                }[];
                tables: {
                  title: string;
                  group_by: string[];
                  columns: {
                    title: string;
                    metric: string;
                    /** @description Grafana's id of the unit. */
                    unit: string;
                  }[];
                  rows: {
                    /** @description Values of the dimensions. */
                    group: (string | null)[];
                    /** @description The group by its names. */
                    label: string;
                    values: (number | null)[];
                    /** @description Of the first column, in the period before. */
                    previous: number | null;
                  }[];
                }[];
                stands_out: {
                  /** @enum {string} */
                  kind: 'change' | 'new_error' | 'budget' | 'recommendation';
                  /** @description A sentence with the figures. */
                  text: string;
                  /** @description Null if nothing was counted. */
                  value: number | null;
                  /** @description Grafana's id of the unit. */
                  unit: string;
                  /** @description Into Grafana; null without GRAFANA_URL. */
                  link: string | null;
                }[];
                notices: string[];
                /** @description Into Grafana; null without GRAFANA_URL. */
                link: string | null;
              } | null;
            };
            'text/html': string;
            'text/csv': string;
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
  '/api/v1/analytics/reports/templates': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Templates of reports */
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
              templates: {
                /** @enum {string} */
                name:
                  | 'executive_summary'
                  | 'performance_report'
                  | 'cost_report'
                  | 'error_report'
                  | 'usage_report';
                title: string;
                description: string;
                /** @description Its headline figures. */
                metrics: string[];
                /** @description The dimensions of its tables. */
                group_by: string[];
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
  '/api/v1/analytics/directory/agents': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The agents of the tenant, deleted ones included, in the order of their ids */
    get: {
      parameters: {
        query?: {
          /** @description Part of the id or the name, case-insensitive. */
          search?: string;
          /** @description Per page. */
          limit?: number;
          /** @description `next_cursor` of the previous page. */
          cursor?: string;
          /** @description Only with this tag. */
          tag?: string;
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
              agents: {
                /** @description The agent. */
                agent_id: string;
                /** @description Its name. */
                name: string | null;
                /** @description Its tags. */
                tags: string[];
                /** @description The user who created it. */
                created_by: string | null;
                /** @description Its first event or execution. */
                first_seen_at: string | null;
                /** @description Its last one. */
                last_seen_at: string | null;
                /** @description The last rotation of its credentials. */
                last_rotated_at: string | null;
                /** @description When it was deleted; null for one that is there. */
                deleted_at: string | null;
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
  '/api/v1/analytics/directory/users': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The users of the tenant, in the order of their ids
     * @description `search` also looks into emails.
     */
    get: {
      parameters: {
        query?: {
          /** @description Part of the id or the name, case-insensitive. */
          search?: string;
          /** @description Per page. */
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
              users: {
                /** @description The user. */
                user_id: string;
                /** @description Their name. */
                name: string | null;
                /** @description Their email address. */
                email: string | null;
                /**
                 * Format: date-time
                 * @description When they were registered.
                 */
                created_at: string;
                /** @description The last event or execution on their behalf. */
                last_seen_at: string | null;
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
  '/api/v1/analytics/dashboards': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The dashboards of the tenant, the oldest first
     * @description A tenant has at most 100, which are one page.
     */
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
              dashboards: {
                /** @description UUID. */
                id: string;
                /** @description Title of the dashboard. */
                name: string;
                widgets: {
                  /**
                   * @description `metric`: one number. `chart`: over time. `table`, `pie`: groups. `heatmap`: weekday by hour, or agents or users by day. `funnel`: sessions that did steps one after the other.
                   * @enum {string}
                   */
                  type: 'metric' | 'chart' | 'table' | 'pie' | 'heatmap' | 'funnel';
                  /** @description Shown above the widget. */
                  title: string;
                  /** @description A metric of the catalog; of every type but `funnel`. */
                  metric?: string;
                  /** @description 2 to 10 names of steps, in their order; of a `funnel`. */
                  steps?: string[];
                  /**
                   * @description How a `chart` is drawn. Default: `line`.
                   * @enum {string}
                   */
                  chart_type?: 'line' | 'bar' | 'area';
                  /** @description Dimensions of the metric: a name, or several. */
                  group_by?: string | string[];
                  filters?: {
                    dimension: string;
                    /** @description One of in, notIn, matches; matches takes a glob with *. */
                    operator: string;
                    values: string[];
                  }[];
                  /** @description One of minute, 5m, 15m, hour, 6h, day, week, month, none. Default of a chart: `hour` for 24h, otherwise `day`. */
                  interval?: string;
                  /**
                   * @description One of 24h, 7d, 30d, 90d.
                   * @default 7d
                   */
                  period?: string;
                  /** @description Largest groups that are shown. Default: 10, in a table 100. */
                  limit?: number;
                  /** @description In 24ths of the width of the dashboard. */
                  width?: number;
                  /** @description In rows of 30 pixels. */
                  height?: number;
                }[];
                /**
                 * Format: date-time
                 * @description When it was created.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it was last changed.
                 */
                updated_at: string;
              }[];
              /** @description Null: there is one page. */
              next_cursor: string | null;
            };
          };
        };
      };
    };
    put?: never;
    /**
     * Creates a dashboard
     * @description At most 100 per tenant, each of at most 50 widgets and 65536 characters. A widget that names a metric, a dimension, an interval or a period that there is not, or that do not go together, is refused, and the error says what would be right.
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
            /** @description Title of the dashboard. */
            name: string;
            /** @description From left to right. */
            widgets: {
              /**
               * @description `metric`: one number. `chart`: over time. `table`, `pie`: groups. `heatmap`: weekday by hour, or agents or users by day. `funnel`: sessions that did steps one after the other.
               * @enum {string}
               */
              type: 'metric' | 'chart' | 'table' | 'pie' | 'heatmap' | 'funnel';
              /** @description Shown above the widget. */
              title: string;
              /** @description A metric of the catalog; of every type but `funnel`. */
              metric?: string;
              /** @description 2 to 10 names of steps, in their order; of a `funnel`. */
              steps?: string[];
              /**
               * @description How a `chart` is drawn. Default: `line`.
               * @enum {string}
               */
              chart_type?: 'line' | 'bar' | 'area';
              /** @description Dimensions of the metric: a name, or several. */
              group_by?: string | string[];
              filters?: {
                dimension: string;
                /** @description One of in, notIn, matches; matches takes a glob with *. */
                operator: string;
                values: string[];
              }[];
              /** @description One of minute, 5m, 15m, hour, 6h, day, week, month, none. Default of a chart: `hour` for 24h, otherwise `day`. */
              interval?: string;
              /**
               * @description One of 24h, 7d, 30d, 90d.
               * @default 7d
               */
              period?: string;
              /** @description Largest groups that are shown. Default: 10, in a table 100. */
              limit?: number;
              /** @description In 24ths of the width of the dashboard. */
              width?: number;
              /** @description In rows of 30 pixels. */
              height?: number;
            }[];
          };
        };
      };
      responses: {
        /** @description Default Response */
        201: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /** @description UUID. */
              id: string;
              /** @description Title of the dashboard. */
              name: string;
              widgets: {
                /**
                 * @description `metric`: one number. `chart`: over time. `table`, `pie`: groups. `heatmap`: weekday by hour, or agents or users by day. `funnel`: sessions that did steps one after the other.
                 * @enum {string}
                 */
                type: 'metric' | 'chart' | 'table' | 'pie' | 'heatmap' | 'funnel';
                /** @description Shown above the widget. */
                title: string;
                /** @description A metric of the catalog; of every type but `funnel`. */
                metric?: string;
                /** @description 2 to 10 names of steps, in their order; of a `funnel`. */
                steps?: string[];
                /**
                 * @description How a `chart` is drawn. Default: `line`.
                 * @enum {string}
                 */
                chart_type?: 'line' | 'bar' | 'area';
                /** @description Dimensions of the metric: a name, or several. */
                group_by?: string | string[];
                filters?: {
                  dimension: string;
                  /** @description One of in, notIn, matches; matches takes a glob with *. */
                  operator: string;
                  values: string[];
                }[];
                /** @description One of minute, 5m, 15m, hour, 6h, day, week, month, none. Default of a chart: `hour` for 24h, otherwise `day`. */
                interval?: string;
                /**
                 * @description One of 24h, 7d, 30d, 90d.
                 * @default 7d
                 */
                period?: string;
                /** @description Largest groups that are shown. Default: 10, in a table 100. */
                limit?: number;
                /** @description In 24ths of the width of the dashboard. */
                width?: number;
                /** @description In rows of 30 pixels. */
                height?: number;
              }[];
              /**
               * Format: date-time
               * @description When it was created.
               */
              created_at: string;
              /**
               * Format: date-time
               * @description When it was last changed.
               */
              updated_at: string;
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
  '/api/v1/analytics/dashboards/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** One dashboard */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The dashboard. */
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
              /** @description UUID. */
              id: string;
              /** @description Title of the dashboard. */
              name: string;
              widgets: {
                /**
                 * @description `metric`: one number. `chart`: over time. `table`, `pie`: groups. `heatmap`: weekday by hour, or agents or users by day. `funnel`: sessions that did steps one after the other.
                 * @enum {string}
                 */
                type: 'metric' | 'chart' | 'table' | 'pie' | 'heatmap' | 'funnel';
                /** @description Shown above the widget. */
                title: string;
                /** @description A metric of the catalog; of every type but `funnel`. */
                metric?: string;
                /** @description 2 to 10 names of steps, in their order; of a `funnel`. */
                steps?: string[];
                /**
                 * @description How a `chart` is drawn. Default: `line`.
                 * @enum {string}
                 */
                chart_type?: 'line' | 'bar' | 'area';
                /** @description Dimensions of the metric: a name, or several. */
                group_by?: string | string[];
                filters?: {
                  dimension: string;
                  /** @description One of in, notIn, matches; matches takes a glob with *. */
                  operator: string;
                  values: string[];
                }[];
                /** @description One of minute, 5m, 15m, hour, 6h, day, week, month, none. Default of a chart: `hour` for 24h, otherwise `day`. */
                interval?: string;
                /**
                 * @description One of 24h, 7d, 30d, 90d.
                 * @default 7d
                 */
                period?: string;
                /** @description Largest groups that are shown. Default: 10, in a table 100. */
                limit?: number;
                /** @description In 24ths of the width of the dashboard. */
                width?: number;
                /** @description In rows of 30 pixels. */
                height?: number;
              }[];
              /**
               * Format: date-time
               * @description When it was created.
               */
              created_at: string;
              /**
               * Format: date-time
               * @description When it was last changed.
               */
              updated_at: string;
            };
          };
        };
      };
    };
    /** Replaces a dashboard */
    put: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The dashboard. */
          id: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            /** @description Title of the dashboard. */
            name: string;
            /** @description From left to right. */
            widgets: {
              /**
               * @description `metric`: one number. `chart`: over time. `table`, `pie`: groups. `heatmap`: weekday by hour, or agents or users by day. `funnel`: sessions that did steps one after the other.
               * @enum {string}
               */
              type: 'metric' | 'chart' | 'table' | 'pie' | 'heatmap' | 'funnel';
              /** @description Shown above the widget. */
              title: string;
              /** @description A metric of the catalog; of every type but `funnel`. */
              metric?: string;
              /** @description 2 to 10 names of steps, in their order; of a `funnel`. */
              steps?: string[];
              /**
               * @description How a `chart` is drawn. Default: `line`.
               * @enum {string}
               */
              chart_type?: 'line' | 'bar' | 'area';
              /** @description Dimensions of the metric: a name, or several. */
              group_by?: string | string[];
              filters?: {
                dimension: string;
                /** @description One of in, notIn, matches; matches takes a glob with *. */
                operator: string;
                values: string[];
              }[];
              /** @description One of minute, 5m, 15m, hour, 6h, day, week, month, none. Default of a chart: `hour` for 24h, otherwise `day`. */
              interval?: string;
              /**
               * @description One of 24h, 7d, 30d, 90d.
               * @default 7d
               */
              period?: string;
              /** @description Largest groups that are shown. Default: 10, in a table 100. */
              limit?: number;
              /** @description In 24ths of the width of the dashboard. */
              width?: number;
              /** @description In rows of 30 pixels. */
              height?: number;
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
              /** @description UUID. */
              id: string;
              /** @description Title of the dashboard. */
              name: string;
              widgets: {
                /**
                 * @description `metric`: one number. `chart`: over time. `table`, `pie`: groups. `heatmap`: weekday by hour, or agents or users by day. `funnel`: sessions that did steps one after the other.
                 * @enum {string}
                 */
                type: 'metric' | 'chart' | 'table' | 'pie' | 'heatmap' | 'funnel';
                /** @description Shown above the widget. */
                title: string;
                /** @description A metric of the catalog; of every type but `funnel`. */
                metric?: string;
                /** @description 2 to 10 names of steps, in their order; of a `funnel`. */
                steps?: string[];
                /**
                 * @description How a `chart` is drawn. Default: `line`.
                 * @enum {string}
                 */
                chart_type?: 'line' | 'bar' | 'area';
                /** @description Dimensions of the metric: a name, or several. */
                group_by?: string | string[];
                filters?: {
                  dimension: string;
                  /** @description One of in, notIn, matches; matches takes a glob with *. */
                  operator: string;
                  values: string[];
                }[];
                /** @description One of minute, 5m, 15m, hour, 6h, day, week, month, none. Default of a chart: `hour` for 24h, otherwise `day`. */
                interval?: string;
                /**
                 * @description One of 24h, 7d, 30d, 90d.
                 * @default 7d
                 */
                period?: string;
                /** @description Largest groups that are shown. Default: 10, in a table 100. */
                limit?: number;
                /** @description In 24ths of the width of the dashboard. */
                width?: number;
                /** @description In rows of 30 pixels. */
                height?: number;
              }[];
              /**
               * Format: date-time
               * @description When it was created.
               */
              created_at: string;
              /**
               * Format: date-time
               * @description When it was last changed.
               */
              updated_at: string;
            };
          };
        };
      };
    };
    post?: never;
    /**
     * Deletes a dashboard
     * @description What was published of it stays in Grafana.
     */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The dashboard. */
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Deleted. */
        204: {
          headers: {
            [name: string]: unknown;
          };
          content?: never;
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/dashboards/{id}/data': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The data of all widgets of a dashboard
     * @description In the order of the widgets, in columns as `POST /query` answers them. A widget that cannot be answered has an `error` in their place.
     */
    get: {
      parameters: {
        query?: {
          /** @description Of all widgets. Default: the period of each. */
          period?: '24h' | '7d' | '30d' | '90d';
        };
        header?: never;
        path: {
          /** @description The dashboard. */
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
              name: string;
              widgets: (
                | {
                    /** @enum {string} */
                    type: 'metric' | 'chart' | 'table' | 'pie' | 'heatmap' | 'funnel';
                    title: string;
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
                    /** @enum {string} */
                    type: 'metric' | 'chart' | 'table' | 'pie' | 'heatmap' | 'funnel';
                    title: string;
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
                    error: components['schemas']['Error'];
                  }
              )[];
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
  '/api/v1/analytics/dashboards/{id}/publish': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes a dashboard in Grafana
     * @description In the Grafana of `GRAFANA_URL`, with `GRAFANA_TOKEN`. A second time it replaces what is there. If no Grafana is set, the answer is a 409; if Grafana is away or refuses the dashboard, a 503 that says why.
     */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The dashboard. */
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
              /** @description Of the dashboard in Grafana; it stays the same. */
              uid: string;
              /** @description Where Grafana shows it. */
              url: string;
              /** @description Grafana's version of it. */
              version: number;
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
    /**
     * Creates an alert
     * @description At most 1000 per tenant. It is evaluated with every rollup over whole minutes. With `group_by`, the 1000 most relevant groups are evaluated. A rate, mean or percentile of nothing is no data, and fires only `no_data`.
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
            for?: string;
            /**
             * @default warning
             * @enum {string}
             */
            severity?: 'info' | 'warning' | 'critical';
            actions?: {
              /** @description Names of channels. */
              channels?: string[];
              /** @description May contain {{value}}, {{threshold}}, {{name}}, {{severity}}, {{metric}}, {{operator}}, {{window}}, {{samples}} and the dimensions of the metric, such as {{agent}}. Null: a sentence of the service. */
              message?: string | null;
            };
            /**
             * @description How often the message of a firing alert is repeated; 0: never.
             * @default 4h
             */
            repeat_interval?: string;
            /**
             * @description An inactive alert is not evaluated.
             * @default true
             */
            is_active?: boolean;
          };
        };
      };
      responses: {
        /** @description Default Response */
        201: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
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
  '/api/v1/analytics/alerts/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** One alert with its groups that are not ok */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The alert. */
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
              /** @description One for each group. */
              instances: {
                /** @description Dimensions of the group, with the names of agents and users; empty without groups. */
                labels: {
                  [key: string]: string;
                };
                /**
                 * @description `pending`: the condition holds, not for long enough. `no_data`: nothing to compare. With groups the worst of theirs.
                 * @enum {string}
                 */
                state: 'ok' | 'no_data' | 'pending' | 'firing';
                /** @description In the unit of the metric; with `compare` a change in percent. With groups the most relevant. */
                value: number | null;
                /** @description How much a rate, mean or percentile has counted; null for other metrics. */
                samples: number | null;
                /**
                 * Format: date-time
                 * @description Since when it has this state.
                 */
                since: string;
              }[];
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    /**
     * Deletes an alert with its events
     * @description If it was firing, it is resolved.
     */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The alert. */
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Deleted. */
        204: {
          headers: {
            [name: string]: unknown;
          };
          content?: never;
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/alerts/{id}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Evaluates an alert now
     * @description Sends nothing and changes nothing, also if the alert is inactive.
     */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The alert. */
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
              name: string;
              /**
               * Format: date-time
               * @description Start of the window.
               */
              from: string;
              /**
               * Format: date-time
               * @description End of the window, the start of the current minute or hour.
               */
              to: string;
              /**
               * @description `pending`: the condition holds, not for long enough. `no_data`: nothing to compare. With groups the worst of theirs.
               * @enum {string}
               */
              state: 'ok' | 'no_data' | 'pending' | 'firing';
              /** @description In the unit of the metric; with `compare` a change in percent. With groups the most relevant. */
              value: number | null;
              /** @description How much a rate, mean or percentile has counted; null for other metrics. */
              samples: number | null;
              /** @description What was left out. */
              error: string | null;
              /** @description What would be sent of the most relevant group if it fired. */
              message: {
                title: string;
                summary: string;
              } | null;
              /** @description One for each group. */
              instances: {
                /** @description Dimensions of the group, with the names of agents and users; empty without groups. */
                labels: {
                  [key: string]: string;
                };
                /**
                 * @description `pending`: the condition holds, not for long enough. `no_data`: nothing to compare. With groups the worst of theirs.
                 * @enum {string}
                 */
                state: 'ok' | 'no_data' | 'pending' | 'firing';
                /** @description In the unit of the metric; with `compare` a change in percent. With groups the most relevant. */
                value: number | null;
                /** @description How much a rate, mean or percentile has counted; null for other metrics. */
                samples: number | null;
                /**
                 * Format: date-time
                 * @description Since when it has this state.
                 */
                since: string;
              }[];
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
  '/api/v1/analytics/alerts/{id}/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Changes of the state of an alert and its groups, newest first
     * @description At most the latest 1000 of an alert are kept, for 400 days.
     */
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
        path: {
          /** @description The alert. */
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
  '/api/v1/analytics/alerts/templates': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Alerts for what operators ask first
     * @description Send `alert` to `POST /alerts`, with channels and a threshold of your own.
     */
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
              templates: {
                name: string;
                title: string;
                description: string;
                alert: {
                  name: string;
                  condition: {
                    /** @description A metric of the catalog. */
                    metric: string;
                    /**
                     * @description `no_data`: nothing was counted in the window.
                     * @enum {string}
                     */
                    operator:
                      | 'greater_than'
                      | 'greater_or_equal'
                      | 'less_than'
                      | 'less_or_equal'
                      | 'equal'
                      | 'no_data';
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
                  for?: string;
                  /**
                   * @default warning
                   * @enum {string}
                   */
                  severity?: 'info' | 'warning' | 'critical';
                  actions?: {
                    /** @description Names of channels. */
                    channels?: string[];
                    /** @description May contain {{value}}, {{threshold}}, {{name}}, {{severity}}, {{metric}}, {{operator}}, {{window}}, {{samples}} and the dimensions of the metric, such as {{agent}}. Null: a sentence of the service. */
                    message?: string | null;
                  };
                  /**
                   * @description How often the message of a firing alert is repeated; 0: never.
                   * @default 4h
                   */
                  repeat_interval?: string;
                  /**
                   * @description An inactive alert is not evaluated.
                   * @default true
                   */
                  is_active?: boolean;
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
  '/api/v1/analytics/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Exports datasets or metrics to a file, in the background
     * @description Answers at once; `GET /export/{id}` says how far it is, and has the link when it is done. Several tables are one zip. In CSV a list is one cell with its items separated by `;`, and a cell that a spreadsheet would run as a formula begins with an apostrophe, as does such a part of a cell after `;`, tab, `|` or a line break. Of a tenant, 1 is made at a time, at most 20 wait, and at most 200 with 20 GiB are kept, each until its link ends.
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
            /** @description Each is a table. `tokens` is another name of `token_usages`. */
            datasets?: (
              | 'executions'
              | 'steps'
              | 'token_usages'
              | 'daily'
              | 'usage'
              | 'sessions'
              | 'costs'
              | 'focus'
              | 'tokens'
            )[];
            /**
             * @description Metrics of the catalog or their aliases. Each is a table with its value for each UTC day.
             * @example [
             *       "executions",
             *       "tokens",
             *       "costs"
             *     ]
             */
            metrics?: string[];
            /**
             * @description `24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it.
             * @default 7d
             * @enum {string}
             */
            period?: '24h' | '7d' | '30d' | '90d';
            /**
             * @description First day, UTC, in place of `period`.
             * @example 2026-03-06
             */
            start_date?: string;
            /** @description Last day, UTC, included. Default: today. */
            end_date?: string;
            /**
             * @default csv
             * @enum {string}
             */
            format?: 'csv' | 'json' | 'ndjson' | 'parquet';
            /** @description A row has to meet all of them. One that a dataset does not have is refused. */
            filters?: {
              /** @description Only of these agents. */
              agent_ids?: string[];
              /** @description Only of agents that have any of these tags now. */
              agent_tags?: string[];
              /** @description Only of these users. */
              user_ids?: string[];
              /** @description Only of these environments. */
              environments?: string[];
              /** @description Only with these statuses. */
              statuses?: string[];
              /** @description Only of these models. */
              model_names?: string[];
            };
          };
        };
      };
      responses: {
        /** @description Default Response */
        202: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /** @description UUID. */
              id: string;
              /** @enum {string} */
              status: 'queued' | 'running' | 'done' | 'failed';
              /** @description Percent; 100 when it is done. */
              progress: number;
              /** @description Signed, and takes no token. Null until it is done. */
              download_url: string | null;
              /** @description When the link ends and the file is removed. Null until it is done. */
              expires_at: string | null;
              /** @description Why it failed, or what the last attempt failed with. */
              error: string | null;
              /**
               * Format: date-time
               * @description When it was asked for.
               */
              created_at: string;
              datasets: string[];
              metrics: string[];
              period: {
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
              /**
               * @default csv
               * @enum {string}
               */
              format: 'csv' | 'json' | 'ndjson' | 'parquet';
              /** @description Rows of all tables. Null until it is done. */
              rows: number | null;
              /** @description Size of the file. Null until it is done. */
              bytes: number | null;
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
  '/api/v1/analytics/export/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * How far an export is, and its link
     * @description It can be asked for until its link has ended.
     */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The export. */
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
              /** @description UUID. */
              id: string;
              /** @enum {string} */
              status: 'queued' | 'running' | 'done' | 'failed';
              /** @description Percent; 100 when it is done. */
              progress: number;
              /** @description Signed, and takes no token. Null until it is done. */
              download_url: string | null;
              /** @description When the link ends and the file is removed. Null until it is done. */
              expires_at: string | null;
              /** @description Why it failed, or what the last attempt failed with. */
              error: string | null;
              /**
               * Format: date-time
               * @description When it was asked for.
               */
              created_at: string;
              datasets: string[];
              metrics: string[];
              period: {
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
              /**
               * @default csv
               * @enum {string}
               */
              format: 'csv' | 'json' | 'ndjson' | 'parquet';
              /** @description Rows of all tables. Null until it is done. */
              rows: number | null;
              /** @description Size of the file. Null until it is done. */
              bytes: number | null;
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
