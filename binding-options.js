'use strict';

module.exports = { name: 'bipoll', napi_versions: [8] };
