/** Stylesheets of @grafana/ui's dependencies: nothing in jsdom. */
export default {};
