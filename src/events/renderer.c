/*
 * Which function renders which format.
 */
#include "events/renderer.h"

void
renderer_event(struct renderer *renderer, const struct event *event, struct text *out)
{
	event_render_json(event, renderer->node, out);
}

void
renderer_audit(struct renderer *renderer, const struct audit *audit, struct text *out)
{
	audit_render_json(audit, renderer->node, out);
}
