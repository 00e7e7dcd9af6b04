{%- if completion_writebehind().runs -%}
writebehind check
{%- else -%}
echo "completion-writebehind is off: nothing to check"
{%- endif %}
