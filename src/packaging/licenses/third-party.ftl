<#function names licenses>
  <#assign text = "">
  <#list licenses as license><#assign text = text + license + (license_has_next)?then(", ", "")></#list>
  <#return text>
</#function>
Libraries that completion-writebehind carries, and their licences.

<#list dependencyMap as entry>
<#assign project = entry.getKey()>
${project.groupId}:${project.artifactId} ${project.version}: ${names(entry.getValue())}<#if project.url??> (${project.url})</#if>
</#list>
