// Validates objects against the schemas of Kubernetes' API: names, types, values, and what is required.
import fs from 'node:fs';
import {createRequire} from 'node:module';
const require = createRequire(import.meta.url);
const {parseAllDocuments} = require('yaml');

let read = 0;
for (const file of process.argv.slice(2)) {
  for (const document of parseAllDocuments(fs.readFileSync(file, 'utf8'))) {
    const object = document.toJS();
    const {apiVersion, kind} = object;
    let Model;
    try {
      Model = require(`kubernetes-models/${apiVersion}/${kind}`)[kind];
    } catch (e) {
      if (!['MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'].includes(e.code)) throw e;
      console.log(`not read: ${kind} of ${apiVersion} in ${file}, which is no part of its API`);
      continue;
    }
    new Model(object).validate();
    read++;
  }
}
if (read < 6) throw new Error(`only ${read} objects were read`);
