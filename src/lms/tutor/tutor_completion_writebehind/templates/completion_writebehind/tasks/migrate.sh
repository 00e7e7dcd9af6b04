{%- if completion_writebehind().runs -%}
WRITEBEHIND_DATABASE_URI="$OWNER_DATABASE_URI" writebehind migrate
{%- else -%}
echo "completion-writebehind is off: the table stays as it is"
{%- endif %}
