{%- set site = completion_writebehind() -%}
{%- if site.announces or site.mode in ("shadow", "committed", "announced") -%}
python -c "import writebehind_lms" || {
  echo "The LMS's image lacks the package writebehind_lms, so that the LMS goes on writing directly: set" \
    "COMPLETION_WRITEBEHIND_LMS_REQUIREMENT and run: tutor images build openedx" >&2
  exit 1
}
{%- else -%}
echo "completion-writebehind: the mode {{ site.mode }} needs nothing in the LMS"
{%- endif %}
