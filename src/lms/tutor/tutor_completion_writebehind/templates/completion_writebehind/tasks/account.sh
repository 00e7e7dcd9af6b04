{%- set site = completion_writebehind() -%}
{%- if site.runs -%}
echo "completion-writebehind: the account of the service"
{{ site.mysql }} <<'SQL'
{%- for statement in site.account_sql %}
{{ statement }};
{%- endfor %}
SQL
{%- else -%}
echo "completion-writebehind is off: no account is made"
{%- endif %}
