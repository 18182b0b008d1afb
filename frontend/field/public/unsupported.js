// Runs only in browsers without modules, which cannot run the app. Plain old script on purpose.
document.getElementById("opening").innerHTML =
  "这个浏览器太旧，打不开安全网格。<br>请升级微信或系统浏览器，或用新版 Chrome、Edge、华为浏览器打开本页。";
