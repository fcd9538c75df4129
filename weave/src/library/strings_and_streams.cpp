// The strings and streams that the C++ library holds ready, compiled as code under test: what they
// read and write is then the program's. Linked before the C++ library, into whole programs only.
#include <fstream>
#include <iostream>
#include <istream>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>

/// How many instrumented files are weave's own; see Output::refuse_bypass().
extern "C" const unsigned __weave_library_files;
const unsigned __weave_library_files = 1;

namespace std {

template class basic_string<char>;
template class basic_ios<char>;
template class basic_streambuf<char>;
template class basic_istream<char>;
template class basic_ostream<char>;
template class basic_iostream<char>;
template class basic_stringbuf<char>;
template class basic_istringstream<char>;
template class basic_ostringstream<char>;
template class basic_stringstream<char>;
template class basic_filebuf<char>;
template class basic_ifstream<char>;
template class basic_ofstream<char>;
template class basic_fstream<char>;

#if !defined _LIBCPP_VERSION
template ostream& ostream::_M_insert(long);
template ostream& ostream::_M_insert(unsigned long);
template ostream& ostream::_M_insert(long long);
template ostream& ostream::_M_insert(unsigned long long);
template ostream& ostream::_M_insert(bool);
template ostream& ostream::_M_insert(double);
template ostream& ostream::_M_insert(long double);
template ostream& ostream::_M_insert(const void*);
template istream& istream::_M_extract(unsigned short&);
template istream& istream::_M_extract(unsigned&);
template istream& istream::_M_extract(long&);
template istream& istream::_M_extract(unsigned long&);
template istream& istream::_M_extract(long long&);
template istream& istream::_M_extract(unsigned long long&);
template istream& istream::_M_extract(bool&);
template istream& istream::_M_extract(float&);
template istream& istream::_M_extract(double&);
template istream& istream::_M_extract(long double&);
template istream& istream::_M_extract(void*&);
template ostream& __ostream_insert(ostream&, const char*, streamsize);
template ostream& operator<<(ostream&, char);
template ostream& operator<<(ostream&, const char*);
template ostream& operator<<(ostream&, const string&);
template istream& operator>>(istream&, char&);
template istream& operator>>(istream&, string&);
template istream& getline(istream&, string&, char);
template istream& getline(istream&, string&);
template ostream& endl(ostream&);
template ostream& flush(ostream&);
template istream& ws(istream&);
#endif

}  // namespace std
