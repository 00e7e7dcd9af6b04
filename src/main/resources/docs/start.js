SwaggerUIBundle({
  dom_id: '#contract',
  url: 'openapi.yaml',
  validatorUrl: null, // or it asks a server elsewhere
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
});
