/* SPDX-License-Identifier: MIT */
#ifndef CV_TEST_FACTS_H
#define CV_TEST_FACTS_H

#include "interpreter/info.h"

/* A base as the probe would describe it. */
static inline struct cv_info test_info(unsigned minor)
{
	return (struct cv_info){ .path = "/usr/bin/python3",
		.executable = "/usr/bin/python3",
		.base = "/usr/bin/python3",
		.real = "/usr/bin/python3.99",
		.home = "/usr/bin",
		.exe_name = "python3",
		.version = "3.99.7",
		.pre = "",
		.major = 3,
		.minor = minor,
		.micro = 7,
		.implementation = "cpython",
		.cache_tag = "cpython-399",
		.magic = "00",
		.abiflags = "",
		.bits64 = true,
		.platform = "linux-x86_64-gnu",
		.stdlib = "/usr/lib/python3",
		.platlibdir = "lib",
		.scheme_include = minor >= 11 ? "include/python3.99" : "",
		.scheme_purelib = minor >= 11 ? "lib/python3.99/site-packages" : "",
		.scheme_platlib = minor >= 11 ? "lib64/python3.99/site-packages" : "",
		.scheme_scripts = minor >= 11 ? "bin" : "",
		.libpython = "",
		.libpython_dest = "",
		.pip_wheel = "",
		.setuptools_wheel = "",
		.pip_sha256 = "",
		.setuptools_sha256 = "",
		.wheel_dir = "",
		.library_path = "",
		.machine = "",
		.copies = "",
		.links = "",
		.init_tcl = "",
		.real_executable = "/usr/bin/python3.99" };
}

/* A base for Windows that started in an environment: executable is the outer launcher. */
static inline struct cv_info test_windows_info(unsigned minor)
{
	struct cv_info info = test_info(minor);

	info.windows = true;
	info.path = "C:\\outer\\Scripts\\python.exe";
	info.executable = "C:\\outer\\scripts\\python.exe";
	info.real_executable = "C:\\outer\\Scripts\\Python.exe";
	info.base = info.real = "C:\\Python\\python.exe";
	info.home = "C:\\Python";
	info.exe_name = "python.exe";
	info.machine = "amd64";
	info.launcher_mtime = minor >= 13;
	info.copies = minor >= 13 ? "python.exe\nC:\\Python\\Lib\\nt\\venvlauncher.exe\n"
				    "pythonw.exe\nC:\\Python\\Lib\\nt\\venvwlauncher.exe\n"
				  : "python.exe\nC:\\Python\\Lib\\nt\\python.exe\n"
				    "pythonw.exe\nC:\\Python\\Lib\\nt\\pythonw.exe\n";
	info.links = "python.exe\npython.exe\npythonw.exe\npythonw.exe\n"
		     "python399.dll\npython399.dll\n";
	info.scheme_include = minor >= 11 ? "Include" : "";
	info.scheme_purelib = info.scheme_platlib = minor >= 11 ? "Lib/site-packages" : "";
	info.scheme_scripts = minor >= 11 ? "Scripts" : "";
	return info;
}

#endif
