{%- set site = completion_writebehind() -%}
{%- if site.runs and site.grants_sql -%}
echo "completion-writebehind: what the service may do"
{{ site.mysql }} <<'SQL'
{%- for statement in site.grants_sql %}
{{ statement }};
{%- endfor %}
SQL
{%- else -%}
echo "completion-writebehind: nothing to grant"
{%- endif %}
